package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.protocols.Identify;
import network.mycelium.libp2p.provider.protocols.Ping;

/// A node's connections: listens, dials, keeps one connection for each peer alive and trims when there are too many.
public final class Swarm implements Host, AutoCloseable {
    private static final Logger LOG = System.getLogger(Swarm.class.getName());

    private final NodeKey key;
    private final Settings settings;
    private final PeerBook book;
    private final Scopes scopes;
    private final InboundSockets inbound;
    private final Gates gates = new Gates();
    private final ProtocolTable protocols = new ProtocolTable();
    private final Connections connections;
    private final Keeper keeper;
    private final Upgrader upgrader;
    private final Identify identify;
    private final Dials dials = new Dials(this);
    private final Admissions admissions = new Admissions(this);
    private final Map<Multiaddr, Listener> listeners = new ConcurrentHashMap<>();
    private final List<ConnectionListener> observers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    public Swarm(NodeKey key, Settings settings, PeerBook book) {
        this.key = key;
        this.settings = settings;
        this.book = book;
        this.scopes = new Scopes(settings);
        this.inbound = new InboundSockets(settings);
        this.connections = new Connections(key.peerId());
        this.keeper = new Keeper(settings, connections, book);
        this.upgrader = new Upgrader(this, key);
        this.identify = new Identify(this, key, settings.agent());
    }

    /// Offers what every node offers, and begins to look after connections.
    public Swarm start() {
        identify.start();
        handle(Ping.PROTOCOL, Ping::answer);
        keeper.start();
        return this;
    }

    Settings settings() {
        return settings;
    }

    public PeerBook book() {
        return book;
    }

    Scopes scopes() {
        return scopes;
    }

    InboundSockets inbound() {
        return inbound;
    }

    Keeper keeper() {
        return keeper;
    }

    List<SwarmConnection> all() {
        return connections.all();
    }

    public Admissions admissions() {
        return admissions;
    }

    public Gates gates() {
        return gates;
    }

    Upgrader upgrader() {
        return upgrader;
    }

    ProtocolTable.Offer protocols(String name) {
        return protocols.get(name);
    }

    @Override
    public PeerId id() {
        return key.peerId();
    }

    /// Listens at exactly these addresses from now on; those that are listened on already stay as they are.
    ///
    /// @throws IOException naming those that cannot be had; the others are listened on
    public synchronized void listenOn(List<Multiaddr> wanted) throws IOException {
        listenOn(wanted, Map.of());
    }

    /// @param before the ports to try first for addresses with port 0
    public synchronized void listenOn(List<Multiaddr> wanted, Map<Multiaddr, Integer> before) throws IOException {
        IOException failure = null;
        for (Multiaddr gone : List.copyOf(listeners.keySet())) {
            if (!wanted.contains(gone)) {
                listeners.remove(gone).close();
            }
        }
        for (Multiaddr address : wanted) {
            if (listeners.containsKey(address)) {
                continue;
            }
            try {
                var listener = new Listener(this, address, before.getOrDefault(address, 0));
                listeners.put(address, listener);
                listener.start();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure = new IOException(failure.getMessage() + " " + e.getMessage(), failure);
                }
            }
        }
        identify.changed();
        if (failure != null) {
            throw failure;
        }
    }

    /// The port of each address that is listened on, by what was wanted.
    public Map<Multiaddr, Integer> ports() {
        Map<Multiaddr, Integer> ports = new TreeMap<>(Comparator.comparing(Multiaddr::toString));
        listeners.forEach((wanted, listener) -> ports.put(wanted, listener.port()));
        return ports;
    }

    @Override
    public List<Multiaddr> addresses() {
        return listeners.values().stream()
                .flatMap(listener -> Interfaces.expand(listener.address()).stream())
                .distinct()
                .toList();
    }

    @Override
    public Connection connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
        Optional<SwarmConnection> open = connections.best(peer);
        return open.isPresent() ? open.get() : dials.connect(peer, addresses);
    }

    Optional<SwarmConnection> best(PeerId peer) {
        return connections.best(peer);
    }

    boolean isClosed() {
        return closed;
    }

    /// Takes a connection that this node dialled into use, or gives it up.
    void begin(SwarmConnection connection) throws IOException {
        boolean read = false;
        try {
            boolean admit = admissions.areNeeded();
            if (!admit) {
                accept(connection);
            }
            Thread.startVirtualThread(() -> read(connection));
            read = true;
            if (admit) {
                admissions.admit(connection);
                accept(connection);
            }
        } finally {
            if (!read) {
                connection.close();
                ended(connection);
            }
        }
    }

    /// Serves an incoming connection on this thread until it ends.
    void run(SwarmConnection connection) {
        boolean read = false;
        try {
            if (admissions.areNeeded()) {
                Thread.startVirtualThread(() -> admit(connection));
            } else {
                accept(connection);
            }
            read = true;
        } finally {
            if (!read) {
                connection.close();
                ended(connection);
            }
        }
        read(connection);
    }

    /// Lets an incoming connection be used, or closes it.
    private void admit(SwarmConnection connection) {
        try {
            admissions.admit(connection);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0} is not admitted: {1}", connection.peer(), e.getMessage());
            return;
        }
        accept(connection);
    }

    private void accept(SwarmConnection connection) {
        register(connection);
        connection.admitted().complete(null);
        // It may have ended before anybody was told of it.
        if (!connection.isOpen() && connections.remove(connection)) {
            identify.forget(connection);
            tell(o -> o.disconnected(connection));
        }
    }

    private void register(SwarmConnection connection) {
        connections.add(connection);
        identify.expect(connection);
        if (closed) {
            connection.close();
        }
        connection.session().heartbeat(settings.handshake().toNanos());
        tell(o -> o.connected(connection));
        Thread.startVirtualThread(() -> identify.ask(connection));
        keeper.added();
    }

    private void read(SwarmConnection connection) {
        try {
            IOException why = connection.session().run();
            LOG.log(Level.DEBUG, "the connection to {0} ended: {1}", connection.peer(), why.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "the reader of the connection to " + connection.peer() + " failed", e);
        } finally {
            ended(connection);
        }
    }

    private void ended(SwarmConnection connection) {
        connection.release();
        boolean told = connections.remove(connection);
        identify.forget(connection);
        if (told) {
            tell(o -> o.disconnected(connection));
        }
    }

    private void tell(Consumer<ConnectionListener> event) {
        for (ConnectionListener observer : observers) {
            try {
                event.accept(observer);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener for connections failed: " + observer, e);
            }
        }
    }

    /// Takes what identify learned.
    public void identified(PeerId peer, Set<String> offered, String agent) {
        book.identified(peer, offered, agent);
        book.info(peer).ifPresent(info -> tell(o -> o.identified(info)));
    }

    @Override
    public boolean disconnect(PeerId peer) {
        List<SwarmConnection> all = connections.of(peer);
        all.forEach(SwarmConnection::close);
        return !all.isEmpty();
    }

    @Override
    public List<Connection> connections() {
        return List.copyOf(connections.all());
    }

    @Override
    public Optional<Connection> connection(PeerId peer) {
        return connections.best(peer).map(c -> c);
    }

    @Override
    public Duration ping(PeerId peer, Duration limit) throws IOException {
        try (var stream = open(peer, Ping.PROTOCOL)) {
            stream.timeout(limit);
            return Ping.measure(stream);
        }
    }

    @Override
    public Set<String> protocols() {
        return protocols.names();
    }

    @Override
    public Optional<PeerInfo> peer(PeerId peer) {
        return book.info(peer);
    }

    @Override
    public List<PeerInfo> peers() {
        return book.all();
    }

    @Override
    public void tag(PeerId peer, String tag, int value) {
        book.tag(peer, tag, value);
    }

    @Override
    public Map<String, Map<String, Usage>> limits() {
        Map<String, Map<String, Usage>> usage = scopes.usage();
        usage.put(
                "handshakes",
                Map.of(
                        "connections",
                        new Usage(inbound.handshakes(), settings.transients().connections(), inbound.evicted())));
        usage.put(
                "address",
                Map.of("connections", new Usage(inbound.mostOfOrigin(), settings.maxOfAddress(), inbound.refused())));
        return usage;
    }

    @Override
    public AutoCloseable handle(String protocol, ProtocolHandler handler) {
        ProtocolTable.Offer offer = protocols.add(protocol, handler);
        if (offer == null) {
            throw new IllegalStateException("The protocol " + protocol + " is offered already");
        }
        identify.changed();
        return () -> {
            protocols.remove(protocol, offer);
            identify.changed();
            offer.drain(settings.drain().toMillis());
        };
    }

    @Override
    public AutoCloseable listen(ConnectionListener listener) {
        observers.add(listener);
        return () -> observers.remove(listener);
    }

    @Override
    public void close() {
        closed = true;
        for (Listener listener : listeners.values()) {
            try {
                listener.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a listener did not close", e);
            }
        }
        upgrader.close();
        identify.close();
        connections.all().forEach(connection -> Thread.startVirtualThread(connection::close));
        keeper.close();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (connections.count() > 0 && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
