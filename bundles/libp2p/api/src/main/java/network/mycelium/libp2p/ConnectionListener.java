package network.mycelium.libp2p;

import org.osgi.annotation.versioning.ConsumerType;

/// Told of connections, one call after the other for each. Register it as a service. It must not block.
@ConsumerType
public interface ConnectionListener {
    default void connected(Connection connection) {}

    default void disconnected(Connection connection) {}

    /// The peer told which protocols it offers, by identify or identify/push.
    default void identified(PeerInfo peer) {}
}
