package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;

/// One dial at a time for each peer; who wants the same peer meanwhile waits for it. Safe from any thread.
final class Dials {
    private final Swarm swarm;
    private final Dialer dialer;
    /// Empty results are of dials whose threads were interrupted.
    private final Map<PeerId, CompletableFuture<Optional<SwarmConnection>>> running = new ConcurrentHashMap<>();

    Dials(Swarm swarm) {
        this.swarm = swarm;
        this.dialer = new Dialer(swarm);
    }

    SwarmConnection connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
        while (true) {
            Optional<SwarmConnection> open = swarm.best(peer);
            if (open.isPresent()) {
                return open.get();
            }
            if (peer.equals(swarm.id())) {
                throw new Libp2pException(Kind.INVALID, "A node does not connect to itself");
            }
            if (swarm.isClosed()) {
                throw new Libp2pException(Kind.CLOSED, "This node is stopping");
            }
            var mine = new CompletableFuture<Optional<SwarmConnection>>();
            CompletableFuture<Optional<SwarmConnection>> before = running.putIfAbsent(peer, mine);
            if (before == null) {
                return dial(peer, addresses, mine);
            }
            Optional<SwarmConnection> dialled = await(before);
            if (dialled.isPresent()) {
                return dialled.get();
            }
            // Who dialled was interrupted, so it is this thread's turn.
        }
    }

    private SwarmConnection dial(
            PeerId peer, List<Multiaddr> addresses, CompletableFuture<Optional<SwarmConnection>> result)
            throws IOException {
        try {
            List<Multiaddr> known =
                    swarm.book().info(peer).map(PeerInfo::addresses).orElse(List.of());
            SwarmConnection connection = dialer.dial(peer, addresses, known);
            swarm.begin(connection);
            if (!addresses.isEmpty()) {
                swarm.book().addAddresses(peer, List.of(connection.remote()));
            }
            running.remove(peer, result);
            result.complete(Optional.of(connection));
            return connection;
        } catch (IOException | RuntimeException | Error e) {
            running.remove(peer, result);
            if (Thread.currentThread().isInterrupted()) {
                result.complete(Optional.empty());
            } else {
                result.completeExceptionally(e);
            }
            throw e;
        }
    }

    private static Optional<SwarmConnection> await(CompletableFuture<Optional<SwarmConnection>> running)
            throws IOException {
        try {
            return running.get();
        } catch (ExecutionException e) {
            Kind kind = e.getCause() instanceof Libp2pException known ? known.kind() : Kind.UNREACHABLE;
            throw new Libp2pException(kind, e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted while it waited for a dial", e);
        }
    }
}
