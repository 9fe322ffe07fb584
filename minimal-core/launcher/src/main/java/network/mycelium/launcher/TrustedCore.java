package network.mycelium.launcher;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;

/// Which key may sign the core of this node: the first one seen, until the operator accepts another. Without this
/// pin an attacker could replace the core and its key together. Kept in `state/core.pub`: the key, and on further
/// lines the digests of the manifests that it was last seen to have signed, of the distribution and of the core that
/// the node updated itself to.
///
/// A file that holds no key is no reason to trust the next one that comes along: the node does not start.
final class TrustedCore {
    private static final int MAX_MANIFESTS = 2;
    private static final String DIGEST = "[0-9a-f]{64}";

    private final Path pin;
    /// Null before the first core was seen.
    private String key;
    private final List<String> manifests = new ArrayList<>();

    private TrustedCore(Path pin, String key, List<String> manifests) {
        this.pin = pin;
        this.key = key;
        this.manifests.addAll(manifests);
    }

    static TrustedCore read(NodeHome home) throws LaunchException {
        Path pin = home.path("state/core.pub");
        try {
            // One byte is one character: what is damaged can be read, too.
            List<String> lines = Files.readAllLines(pin, StandardCharsets.ISO_8859_1);
            List<String> digests = lines.stream()
                    .skip(1)
                    .filter(line -> line.matches(DIGEST))
                    .limit(MAX_MANIFESTS)
                    .toList();
            return new TrustedCore(pin, lines.isEmpty() ? "" : lines.getFirst(), digests);
        } catch (NoSuchFileException e) {
            return new TrustedCore(pin, null, List.of());
        } catch (IOException e) {
            throw unusable(pin, e);
        }
    }

    /// Digests of the last manifests whose signatures by the trusted key were verified.
    List<String> manifests() {
        return List.copyOf(manifests);
    }

    /// Refuses a core by another key, and remembers what was verified.
    void check(CoreManifest.Verified verified, boolean accept) throws LaunchException {
        boolean same = verified.key().equals(key);
        if (key != null && !same && !accept) {
            throw new LaunchException(ExitCode.CORE_TAMPERED, refusal(verified));
        }
        if (same && manifests.contains(verified.sha256())) {
            return;
        }
        if (!same) {
            NodeLog.launcher().log(Level.INFO, "from now on this node trusts cores by {0}", verified.key());
            manifests.clear();
        }
        key = verified.key();
        manifests.addFirst(verified.sha256());
        if (manifests.size() > MAX_MANIFESTS) {
            manifests.removeLast();
        }
        write();
    }

    private String refusal(CoreManifest.Verified verified) {
        if (!isKey(key)) {
            return "The file %s should hold the key that may sign the core of this node, and does not. If the distribution is the one you installed, start once with --accept-core."
                    .formatted(pin);
        }
        return "This core is signed by %s, but this node trusts %s (%s). If you changed the distribution on purpose, start once with --accept-core."
                .formatted(verified.key(), key, pin);
    }

    private static boolean isKey(String text) {
        try {
            CoreManifest.publicKey(text);
            return true;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private void write() throws LaunchException {
        List<String> lines = Stream.concat(Stream.of(key), manifests.stream()).toList();
        try {
            AtomicFiles.write(pin, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw unusable(pin, e);
        }
    }

    private static LaunchException unusable(Path pin, IOException e) {
        return new LaunchException(
                ExitCode.HOME_UNUSABLE,
                "Cannot read or write %s: %s. Make it a file of this user, or start with another home."
                        .formatted(pin, NodeHome.describe(e)),
                e);
    }
}
