package network.mycelium.shell.provider;

import java.nio.file.Path;
import java.time.Instant;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell.Origin;
import network.mycelium.shell.Shell.User;
import org.jline.reader.impl.history.DefaultHistory;

/// What a user typed, without secrets. Each user has a history of his own; that of users with full access is kept in a
/// file.
final class ConsoleHistory extends DefaultHistory {
    static final int MAX_LINES = 2000;

    /// The file of a user, below the home.
    ///
    /// @return null if nothing of his is kept
    static Path file(Path home, User user) {
        if (user.access() != Access.FULL) {
            return null;
        }
        // One for the terminal and `mycelium shell`, one for each SSH key. A fingerprint is Base64, which has slashes.
        String key = user.key().replace('/', '_').replace('+', '-').replaceAll("[^A-Za-z0-9_-]", ".");
        String kind = user.origin() == Origin.SSH ? "ssh-" : "local-";
        return home.resolve("data/history/" + kind + key);
    }

    @Override
    public void add(Instant time, String line) {
        super.add(time, Secrets.hide(line));
    }
}
