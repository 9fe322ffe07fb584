package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.GossipRouter;

/// The streams out to the peers of gossip, one to each: opened where there is a connection, kept while it lasts.
final class GossipStreams implements AutoCloseable {
    private static final Logger LOG = System.getLogger(GossipStreams.class.getName());
    private static final String V12 = "/meshsub/1.2.0";
    static final List<String> PROTOCOLS = List.of(V12, "/meshsub/1.1.0", "/meshsub/1.0.0");
    /// Streams that end sooner are opened again so many times at most.
    private static final Duration SHORT_STREAM = Duration.ofSeconds(1);

    private static final int MAX_SHORT_STREAMS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Host host;
    private final GossipRouter router;
    private final Consumer<Runnable> route;
    private final Map<PeerId, GossipPeer> peers = new ConcurrentHashMap<>();
    /// Peers that a stream is being opened to.
    private final Set<PeerId> opening = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param route runs what calls the router, under its lock
    GossipStreams(Host host, GossipRouter router, Consumer<Runnable> route) {
        this.host = host;
        this.router = router;
        this.route = route;
    }

    /// @return null if there is none
    GossipPeer get(PeerId id) {
        return peers.get(id);
    }

    /// Keeps a stream out to a peer open for as long as there is a connection, unless another thread does.
    void open(PeerId id) {
        if (!opening.add(id)) {
            return;
        }
        try {
            for (int tries = 0; tries < MAX_SHORT_STREAMS && !closed && !peers.containsKey(id); tries++) {
                Connection connection = host.connection(id).orElse(null);
                if (connection == null) {
                    return;
                }
                long begin = System.nanoTime();
                write(id, connection);
                long left = SHORT_STREAM.toNanos() - (System.nanoTime() - begin);
                if (left <= 0) {
                    tries = 0;
                } else {
                    LockSupport.parkNanos(left);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no gossip with " + id, e);
        } finally {
            opening.remove(id);
        }
    }

    /// Opens a stream and writes to it until it ends.
    private void write(PeerId id, Connection connection) throws IOException {
        Stream stream = connection.open(PROTOCOLS.toArray(String[]::new));
        var peer = new GossipPeer(id, stream);
        String ip = connection
                .remote()
                .value(Protocol.IP4)
                .or(() -> connection.remote().value(Protocol.IP6))
                .orElse("");
        route.accept(() -> {
            if (closed) {
                peer.close();
            } else {
                peers.put(id, peer);
                router.connected(id, stream.protocol().equals(V12), connection.outbound(), ip);
            }
        });
        peer.run();
        drop(peer);
    }

    void drop(PeerId id) {
        GossipPeer peer = peers.get(id);
        if (peer != null) {
            drop(peer);
        }
    }

    private void drop(GossipPeer peer) {
        route.accept(() -> {
            if (peers.remove(peer.id(), peer)) {
                router.disconnected(peer.id(), GossipService.now());
            }
        });
        peer.close();
    }

    /// Waits until there is one, not for ever: a peer may talk before this side could open a stream.
    void await(PeerId from) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!peers.containsKey(from) && System.nanoTime() < until && !closed) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// From now on none is opened, and nobody waits for one.
    void refuse() {
        closed = true;
    }

    @Override
    public void close() {
        refuse();
        List.copyOf(peers.values()).forEach(this::drop);
    }
}
