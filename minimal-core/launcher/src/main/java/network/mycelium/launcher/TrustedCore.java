package network.mycelium.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Which key may sign the core of this node: the first one seen, until the operator accepts another. Without this
/// pin an attacker could replace the core and its key together. Kept in `state/core.pub`: the key, and on a
/// second line the digest of the manifest that it was last seen to have signed.
final class TrustedCore {
    private final Path pin;
    private final String key;
    private final String manifest;

    private TrustedCore(Path pin, String key, String manifest) {
        this.pin = pin;
        this.key = key;
        this.manifest = manifest;
    }

    static TrustedCore read(NodeHome home) throws LaunchException {
        Path pin = home.path("state/core.pub");
        try {
            String[] lines = Files.exists(pin) ? Files.readString(pin).split("\n") : new String[0];
            return new TrustedCore(pin, lines.length > 0 ? lines[0] : "", lines.length > 1 ? lines[1] : "");
        } catch (IOException e) {
            throw unusable(pin, e);
        }
    }

    /// Digest of the last manifest whose signature by the trusted key was verified, or empty.
    String manifest() {
        return manifest;
    }

    /// Refuses a core by another key, and remembers what was verified.
    void check(CoreManifest.Verified verified, boolean accept) throws LaunchException {
        if (!key.isEmpty() && !key.equals(verified.key()) && !accept) {
            throw new LaunchException(
                    ExitCode.CORE_TAMPERED,
                    "This core is signed by %s, but this node trusts %s (%s). If you changed the distribution on purpose, start once with --accept-core."
                            .formatted(verified.key(), key, pin));
        }
        if (key.equals(verified.key()) && manifest.equals(verified.sha256())) {
            return;
        }
        try {
            Path temporary = pin.resolveSibling("core.pub.new");
            Files.writeString(temporary, verified.key() + "\n" + verified.sha256() + "\n");
            Files.move(temporary, pin, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unusable(pin, e);
        }
    }

    private static LaunchException unusable(Path pin, IOException e) {
        return new LaunchException(
                ExitCode.HOME_UNUSABLE, "Cannot read or write " + pin + ": " + NodeHome.describe(e) + ".", e);
    }
}
