package network.mycelium.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which key may sign the core of this node: the first one seen, until the operator accepts another. Without this pin
/// an attacker could replace the core and its key together.
final class TrustedCore {
    private TrustedCore() {}

    static void check(NodeHome home, String key, boolean accept) throws LaunchException {
        Path pin = home.path("state/core.pub");
        try {
            String trusted = Files.exists(pin) ? Files.readString(pin).strip() : null;
            if (key.equals(trusted)) {
                return;
            }
            if (trusted != null && !accept) {
                throw new LaunchException(
                        ExitCode.CORE_TAMPERED,
                        "This core is signed by %s, but the node in %s trusts %s. If you changed the distribution on purpose, start once with --accept-core."
                                .formatted(key, home.dir(), trusted));
            }
            Path temporary = home.path("state/core.pub.new");
            Files.writeString(temporary, key + "\n");
            Files.move(temporary, pin, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LaunchException(
                    ExitCode.HOME_UNUSABLE, "Cannot read or write " + pin + ": " + NodeHome.describe(e) + ".", e);
        }
    }
}
