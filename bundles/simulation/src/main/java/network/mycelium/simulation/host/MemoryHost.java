package network.mycelium.simulation.host;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.ProtocolHandler;

/// A node of a [MemoryNetwork].
public final class MemoryHost implements Host, AutoCloseable {
    private static final Logger LOG = System.getLogger(MemoryHost.class.getName());

    private final MemoryNetwork network;
    private final PeerId id;
    private final Multiaddr address;
    private final Map<PeerId, MemoryConnection> connections = new ConcurrentHashMap<>();
    private final Map<String, ProtocolHandler> handlers = new ConcurrentHashMap<>();
    private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
    private final List<ConnectionGate> gates = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    /// When this node's uplink has sent what it was given; guarded by this.
    private long uplinkFree;

    MemoryHost(MemoryNetwork network, PeerId id, Multiaddr address) {
        this.network = network;
        this.id = id;
        this.address = address;
        this.uplinkFree = System.nanoTime();
    }

    Multiaddr address() {
        return address;
    }

    /// When so many bytes more have left this node.
    synchronized long sent(int bytes) {
        uplinkFree = Math.max(uplinkFree, System.nanoTime())
                + (long) (bytes * 1e9 / network.conditions().bytesPerSecond());
        return uplinkFree;
    }

    ProtocolHandler handler(String protocol) {
        return handlers.get(protocol);
    }

    void answer(ProtocolHandler handler, MemoryStream stream) {
        Thread.ofVirtual().name(stream.protocol()).start(() -> {
            try {
                handler.handle(stream);
                stream.close();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.DEBUG, "a stream of " + stream.protocol() + " failed", e);
                stream.reset();
            }
        });
    }

    /// Asks a gate from now on.
    ///
    /// @return closing it ends that
    public AutoCloseable gate(ConnectionGate gate) {
        gates.add(gate);
        return () -> gates.remove(gate);
    }

    @Override
    public PeerId id() {
        return id;
    }

    @Override
    public List<Multiaddr> addresses() {
        return List.of(address);
    }

    @Override
    public Connection connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
        MemoryConnection known = connections.get(peer);
        if (known != null) {
            return known;
        }
        if (closed || peer.equals(id)) {
            throw new Libp2pException(Kind.INVALID, "This node is closed, or the peer is itself");
        }
        MemoryHost far = network.find(peer)
                .filter(host -> network.reachable(id, host.id))
                .orElseThrow(() -> new Libp2pException(Kind.UNREACHABLE, peer + " is not reached"));
        refuse(far, true);
        far.refuse(this, false);
        MemoryConnection.pause(2 * network.delay(id, peer).toNanos());
        MemoryConnection connection = MemoryConnection.pair(network, this, far);
        synchronized (network) {
            known = connections.get(peer);
            if (known != null) {
                return known;
            }
            if (closed || far.closed) {
                throw new Libp2pException(Kind.UNREACHABLE, peer + " is gone");
            }
            connections.put(peer, connection);
            far.connections.put(id, connection.other());
        }
        tell(listener -> listener.connected(connection));
        far.tell(listener -> listener.connected(connection.other()));
        tell(listener -> listener.identified(far.info()));
        far.tell(listener -> listener.identified(info()));
        return connection;
    }

    private void refuse(MemoryHost other, boolean outbound) throws Libp2pException {
        for (ConnectionGate gate : gates) {
            Optional<String> why = gate.refuseAddress(
                            outbound ? Optional.of(other.id) : Optional.empty(), other.address)
                    .or(() -> gate.refusePeer(other.id, other.address, outbound));
            if (why.isPresent()) {
                throw new Libp2pException(Kind.REFUSED, "a gate refuses: " + why.get());
            }
        }
    }

    private void tell(Consumer<ConnectionListener> event) {
        listeners.forEach(event);
    }

    void ended(MemoryConnection connection) {
        if (connections.remove(connection.peer(), connection)) {
            tell(listener -> listener.disconnected(connection));
        }
    }

    void dropUnreachable() {
        connections.values().stream().filter(c -> !c.carries()).toList().forEach(MemoryConnection::close);
    }

    @Override
    public boolean disconnect(PeerId peer) {
        MemoryConnection connection = connections.get(peer);
        if (connection != null) {
            connection.close();
        }
        return connection != null;
    }

    @Override
    public List<Connection> connections() {
        return List.copyOf(connections.values());
    }

    @Override
    public Optional<Connection> connection(PeerId peer) {
        return Optional.ofNullable(connections.get(peer));
    }

    @Override
    public Duration ping(PeerId peer, Duration limit) throws IOException {
        if (!((MemoryConnection) connect(peer, List.of())).carries()) {
            throw new Libp2pException(Kind.UNREACHABLE, peer + " does not answer");
        }
        Duration trip = network.delay(id, peer).multipliedBy(2);
        MemoryConnection.pause(trip.toNanos());
        return trip;
    }

    @Override
    public Set<String> protocols() {
        return Set.copyOf(handlers.keySet());
    }

    @Override
    public Optional<PeerInfo> peer(PeerId peer) {
        return network.find(peer).map(MemoryHost::info);
    }

    private PeerInfo info() {
        return new PeerInfo(id, List.of(address), true, protocols(), "memory", Instant.now());
    }

    @Override
    public List<PeerInfo> peers() {
        return connections.keySet().stream()
                .flatMap(peer -> peer(peer).stream())
                .toList();
    }

    /// Nothing is trimmed here.
    @Override
    public void tag(PeerId peer, String tag, int value) {}

    /// There are no limits here but the window of each stream.
    @Override
    public Map<String, Map<String, Usage>> limits() {
        return Map.of();
    }

    @Override
    public AutoCloseable handle(String protocol, ProtocolHandler handler) {
        if (handlers.putIfAbsent(protocol, handler) != null) {
            throw new IllegalStateException("The protocol " + protocol + " is offered already");
        }
        changed();
        return () -> {
            handlers.remove(protocol, handler);
            changed();
        };
    }

    private void changed() {
        PeerInfo me = info();
        connections.keySet().forEach(peer -> network.find(peer).ifPresent(host -> host.tell(l -> l.identified(me))));
    }

    @Override
    public AutoCloseable listen(ConnectionListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// The node is gone, at once.
    @Override
    public void close() {
        closed = true;
        network.gone(this);
        List.copyOf(connections.values()).forEach(MemoryConnection::close);
    }
}
