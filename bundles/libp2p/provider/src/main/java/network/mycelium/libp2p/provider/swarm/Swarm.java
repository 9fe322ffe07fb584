package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
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
    private final Handshakes handshakes;
    private final Gates gates = new Gates();
    private final ProtocolTable protocols = new ProtocolTable();
    private final Connections connections;
    private final Dialer dialer = new Dialer(this);
    private final Upgrader upgrader;
    private final Identify identify;
    private final Map<PeerId, CompletableFuture<SwarmConnection>> dials = new ConcurrentHashMap<>();
    private final Admissions admissions = new Admissions(this);
    private final Map<Multiaddr, Listener> listeners = new ConcurrentHashMap<>();
    private final List<ConnectionListener> observers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private Thread keeper;

    public Swarm(NodeKey key, Settings settings, PeerBook book) {
        this.key = key;
        this.settings = settings;
        this.book = book;
        this.scopes = new Scopes(settings);
        this.handshakes = new Handshakes(settings.transients().connections());
        this.connections = new Connections(key.peerId());
        this.upgrader = new Upgrader(this, key);
        this.identify = new Identify(this, key, settings.agent());
    }

    /// Offers what every node offers, and begins to look after connections.
    public Swarm start() {
        identify.start();
        handle(Ping.PROTOCOL, Ping::answer);
        keeper = Thread.ofVirtual().name("libp2p-keeper").start(this::keep);
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

    Handshakes handshakes() {
        return handshakes;
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
        if (open.isPresent()) {
            return open.get();
        }
        if (peer.equals(id())) {
            throw new Libp2pException(Kind.INVALID, "A node does not connect to itself");
        }
        if (closed) {
            throw new Libp2pException(Kind.CLOSED, "This node is stopping");
        }
        var mine = new CompletableFuture<SwarmConnection>();
        CompletableFuture<SwarmConnection> running = dials.putIfAbsent(peer, mine);
        if (running != null) {
            return await(running);
        }
        try {
            List<Multiaddr> known = book.info(peer).map(PeerInfo::addresses).orElse(List.of());
            SwarmConnection connection = dialer.dial(peer, addresses, known);
            if (admissions.areNeeded()) {
                Thread.startVirtualThread(() -> read(connection));
                admit(connection);
            } else {
                accept(connection);
                Thread.startVirtualThread(() -> read(connection));
            }
            if (!addresses.isEmpty()) {
                book.addAddresses(peer, List.of(connection.remote()));
            }
            mine.complete(connection);
            return connection;
        } catch (IOException | RuntimeException e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            dials.remove(peer, mine);
        }
    }

    private static SwarmConnection await(CompletableFuture<SwarmConnection> running) throws IOException {
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

    /// Serves an incoming connection on this thread until it ends.
    void run(SwarmConnection connection) {
        if (!admissions.areNeeded()) {
            accept(connection);
            read(connection);
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                admit(connection);
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0} is not admitted: {1}", connection.peer(), e.getMessage());
            }
        });
        read(connection);
    }

    /// Lets the connection be used, or closes it.
    private void admit(SwarmConnection connection) throws IOException {
        Thread watch = Thread.startVirtualThread(() -> closeUnlessAdmitted(connection));
        try {
            admissions.admit(connection);
        } catch (IOException | RuntimeException e) {
            connection.admitted().completeExceptionally(e);
            connection.close();
            throw e;
        } finally {
            watch.interrupt();
        }
        accept(connection);
    }

    private void accept(SwarmConnection connection) {
        register(connection);
        connection.admitted().complete(null);
        // It may have ended before anybody was told of it.
        if (!connection.isOpen() && connections.remove(connection)) {
            tell(o -> o.disconnected(connection));
        }
    }

    private void closeUnlessAdmitted(SwarmConnection connection) {
        try {
            Thread.sleep(settings.handshake());
            connection.close();
        } catch (InterruptedException e) {
            // It is decided.
            Thread.currentThread().interrupt();
        }
    }

    /// Somebody new wants a say, in the connections that are open too.
    void admitAgain(Admission admission) {
        for (SwarmConnection connection : connections.all()) {
            Thread.startVirtualThread(() -> {
                try {
                    admission.admit(connection);
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.DEBUG, "{0} is no longer admitted: {1}", connection.peer(), e.getMessage());
                    connection.close();
                }
            });
        }
    }

    private void register(SwarmConnection connection) {
        connections.add(connection);
        if (closed) {
            connection.close();
        }
        connection.session().heartbeat(settings.handshake().toNanos());
        tell(o -> o.connected(connection));
        Thread.startVirtualThread(() -> identify.ask(connection));
        if (connections.count() > settings.highWater()) {
            LockSupport.unpark(keeper);
        }
    }

    private void read(SwarmConnection connection) {
        IOException why = connection.session().run();
        LOG.log(Level.DEBUG, "the connection to {0} ended: {1}", connection.peer(), why.getMessage());
        identify.forget(connection);
        boolean told = connections.remove(connection);
        scopes.released(connection.peer());
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

    private void keep() {
        while (!closed) {
            LockSupport.parkNanos(settings.heartbeat().toNanos());
            if (closed) {
                return;
            }
            try {
                connections
                        .all()
                        .forEach(c -> c.session().heartbeat(settings.handshake().toNanos()));
                connections.superseded(Instant.now().minus(settings.grace())).forEach(SwarmConnection::close);
                trim();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "looking after the connections failed", e);
            }
        }
    }

    /// Above the high water mark the least valued connections go, until the low water mark; new and protected ones
    /// stay.
    private void trim() {
        int surplus = connections.count() - settings.highWater() <= 0 ? 0 : connections.count() - settings.lowWater();
        if (surplus == 0) {
            return;
        }
        Instant graceEnd = Instant.now().minus(settings.grace());
        List<SwarmConnection> candidates = new ArrayList<>(connections.all());
        candidates.removeIf(c -> c.opened().isAfter(graceEnd) || book.isProtected(c.peer()));
        candidates.sort(Comparator.comparingLong((SwarmConnection c) -> book.value(c.peer()))
                .thenComparingInt(c -> c.streams().size())
                .thenComparing(SwarmConnection::opened, Comparator.reverseOrder()));
        candidates.stream().limit(surplus).forEach(SwarmConnection::close);
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
                        new Usage(handshakes.count(), settings.transients().connections(), handshakes.evicted())));
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
        connections.all().forEach(SwarmConnection::close);
        if (keeper != null) {
            LockSupport.unpark(keeper);
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (connections.count() > 0 && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
