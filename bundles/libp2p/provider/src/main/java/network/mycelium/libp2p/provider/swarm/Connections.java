package network.mycelium.libp2p.provider.swarm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.PeerId;

/// The open connections by peer. Safe from any thread.
final class Connections {
    private final PeerId self;
    private final Map<PeerId, List<SwarmConnection>> byPeer = new HashMap<>();
    private int count;

    Connections(PeerId self) {
        this.self = self;
    }

    synchronized void add(SwarmConnection connection) {
        byPeer.computeIfAbsent(connection.peer(), p -> new ArrayList<>(1)).add(connection);
        count++;
    }

    /// @return whether it was there
    synchronized boolean remove(SwarmConnection connection) {
        List<SwarmConnection> of = byPeer.get(connection.peer());
        if (of == null || !of.remove(connection)) {
            return false;
        }
        count--;
        if (of.isEmpty()) {
            byPeer.remove(connection.peer());
        }
        return true;
    }

    synchronized int count() {
        return count;
    }

    synchronized List<SwarmConnection> all() {
        return byPeer.values().stream().flatMap(List::stream).toList();
    }

    synchronized List<SwarmConnection> of(PeerId peer) {
        return List.copyOf(byPeer.getOrDefault(peer, List.of()));
    }

    /// The one that new streams use: where two sides dialled at once, both take what the smaller peer id dialled, so
    /// that one of the two can be closed.
    synchronized Optional<SwarmConnection> best(PeerId peer) {
        return byPeer.getOrDefault(peer, List.of()).stream()
                .filter(Connection::isOpen)
                .min(Comparator.comparing((SwarmConnection c) -> !dialledBySmaller(c))
                        .thenComparing(SwarmConnection::opened));
    }

    private boolean dialledBySmaller(SwarmConnection connection) {
        return connection.outbound() == self.compareTo(connection.peer()) < 0;
    }

    /// Those that another connection to the same peer makes needless, and that nobody uses.
    List<SwarmConnection> superseded(Instant openedBefore) {
        return all().stream()
                .filter(c -> c.opened().isBefore(openedBefore) && c.streams().isEmpty())
                .filter(c -> best(c.peer()).filter(best -> best != c).isPresent())
                .toList();
    }
}
