package network.mycelium.component.director;

import java.time.Duration;
import java.util.function.Supplier;
import network.mycelium.component.Director.RefusedException;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;

/// Says something to the network in this node's name.
final class Signing {
    static final Duration FOREVER = Duration.ofDays(100 * 365);

    private Signing() {}

    /// @param body throws [IllegalArgumentException] if it makes no sense
    static Statement publish(Statements statements, String kind, String key, Supplier<byte[]> body, Duration life)
            throws RefusedException {
        try {
            return statements.publish(kind, key, body.get(), life);
        } catch (IllegalArgumentException | IdentityException e) {
            throw new RefusedException(e.getMessage(), e);
        }
    }
}
