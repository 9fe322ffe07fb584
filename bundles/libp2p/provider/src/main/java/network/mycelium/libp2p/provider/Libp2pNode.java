package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.channel.NamelessCertificates;
import network.mycelium.libp2p.provider.gossip.GossipService;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.protocols.Perf;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/// Puts this node on the network, by its settings, and keeps the whiteboard: handlers, gates and listeners that are
/// registered as services. [Host] is registered when the node listens; boot does not wait for that.
@Component(service = Libp2pNode.class, immediate = true, configurationPid = Libp2pNode.PID)
@Designate(ocd = Libp2pConfig.class)
public final class Libp2pNode {
    static final String PID = "network.mycelium.libp2p";
    /// Where the node keeps which network it belongs to: once it does, nothing is open to strangers.
    private static final String MEMBERSHIP = "network/genesis";
    private static final Duration GATHER = Duration.ofSeconds(1);
    /// When the key is proved if nothing was signed before: the node has better things to do while it boots.
    private static final Duration PROOF = Duration.ofSeconds(1);
    private static final Logger LOG = System.getLogger(Libp2pNode.class.getName());

    private final BundleContext context;
    private final Path state;
    private final PeerFile peers;
    private final PeerBook book = new PeerBook();
    private final Map<Object, AutoCloseable> offers = new ConcurrentHashMap<>();
    private volatile Libp2pConfig config;
    // Both are made by the starter, for making and reading keys takes time that boot should not wait for.
    private volatile Swarm swarm;
    private volatile GossipService gossip;
    private final CompletableFuture<Void> created = new CompletableFuture<>();
    /// What came before the swarm was there, in its order. Guarded by this.
    private CompletableFuture<Void> last = created;
    private Thread starter;
    private Thread keeper;
    private Thread prover;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private boolean stopped;

    @Activate
    public Libp2pNode(BundleContext context, Libp2pConfig config) {
        this.context = context;
        this.config = config;
        this.state = Path.of(context.getProperty("mycelium.home"), "state");
        this.peers = new PeerFile(state.resolve("peers"));
    }

    private static Settings settings(Libp2pConfig config) {
        Settings base = Settings.DEFAULT;
        return new Settings(
                new Limits(config.max_connections(), config.max_streams(), (long) config.max_memory() << 20),
                base.transients(),
                new Limits(
                        config.max_peer_connections(),
                        config.max_peer_streams(),
                        (long) config.max_peer_memory() << 20),
                config.max_inbound_connections(),
                config.max_address_connections(),
                config.max_loopback_connections(),
                base.yamux(),
                config.low_water(),
                config.high_water(),
                base.grace(),
                base.handshake(),
                base.dial(),
                Duration.ofSeconds(config.heartbeat_seconds()),
                Duration.ofSeconds(config.drain_seconds()),
                base.securities(),
                base.agent());
    }

    @Activate
    synchronized void activate() {
        starter = Thread.ofVirtual().name("libp2p-start").start(this::start);
    }

    private void start() {
        Path keyFile = state.resolve("node.key");
        Optional<Passphrase> passphrase;
        NodeKey key;
        try {
            Files.createDirectories(state);
            passphrase = Passphrase.read(System.getenv(Passphrase.VARIABLE));
            key = KeyFile.readOrMake(keyFile, passphrase);
            swarm = new Swarm(key, settings(config), book);
            gossip = new GossipService(swarm, swarm.book(), key, GossipConfig.DEFAULT, ScoreConfig.DEFAULT);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "this node is not on the network: " + e.getMessage(), e);
            return;
        }
        try {
            peers.read(book);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the known peers cannot be read: " + e.getMessage(), e);
        }
        swarm.admissions().expect(Files.exists(state.resolve(MEMBERSHIP)));
        swarm.start();
        gossip.start();
        if (config.perf()) {
            swarm.handle(Perf.PROTOCOL, Perf::answer);
        }
        swarm.listen(new ConnectionListener() {
            @Override
            public void identified(PeerInfo peer) {
                keepPeersSoon();
            }
        });
        // Gates and admissions that are there count from the first connection on.
        created.complete(null);
        listen();
        synchronized (this) {
            if (stopped) {
                return;
            }
            prover = Thread.ofVirtual().name("libp2p-key").start(() -> prove(key, keyFile));
            registrations.add(context.registerService(NodeKeys.class, new FileNodeKeys(keyFile, passphrase), null));
            registrations.add(context.registerService(Envelopes.class, new NodeEnvelopes(key), null));
            registrations.add(context.registerService(Host.class, swarm, null));
            registrations.add(context.registerService(PubSub.class, gossip, null));
        }
        for (String address : values(config.connect())) {
            Thread.startVirtualThread(() -> connect(address));
        }
    }

    private void prove(NodeKey key, Path file) {
        try {
            Thread.sleep(PROOF);
            key.prove();
        } catch (InterruptedException e) {
            // The node stops.
        } catch (IllegalStateException e) {
            LOG.log(
                    Level.ERROR,
                    "this node leaves the network, for %s cannot be used: %s. Put the right file back; without it this node is another one."
                            .formatted(file, e.getMessage()));
            leave();
        }
    }

    private void leave() {
        synchronized (this) {
            registrations.forEach(ServiceRegistration::unregister);
            registrations.clear();
        }
        gossip.close();
        swarm.close();
    }

    /// So that a node which is killed still knows them; what comes within a second is written together.
    private synchronized void keepPeersSoon() {
        if (keeper == null && !stopped) {
            keeper = Thread.ofVirtual().name("libp2p-peers").start(() -> {
                try {
                    Thread.sleep(GATHER);
                } catch (InterruptedException e) {
                    return;
                }
                synchronized (this) {
                    keeper = null;
                }
                keepPeers();
            });
        }
    }

    private void keepPeers() {
        try {
            peers.write(book);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the known peers cannot be kept: " + e.getMessage(), e);
        }
    }

    /// A setting of the shell is one text, so several values in it are divided by commas.
    private static List<String> values(String[] setting) {
        return Arrays.stream(setting)
                .flatMap(text -> Arrays.stream(text.split(",")))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private synchronized void listen() {
        List<Multiaddr> wanted = new ArrayList<>();
        for (String text : values(config.listen())) {
            try {
                wanted.add(Multiaddr.parse(text));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.ERROR, "{0}: listen: {1}", PID, e.getMessage());
            }
        }
        var file = new PortFile(state.resolve("ports"));
        Map<Multiaddr, Integer> before = file.read();
        try {
            swarm.listenOn(wanted, before);
        } catch (IOException e) {
            LOG.log(Level.ERROR, e.getMessage());
        }
        Map<Multiaddr, Integer> ports = swarm.ports();
        if (!ports.equals(before)) {
            file.write(ports);
        }
        LOG.log(Level.INFO, "peer {0} listens on {1}", swarm.id(), swarm.addresses());
    }

    private void connect(String address) {
        try {
            swarm.connect(Multiaddr.parse(address));
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "{0}: connect: {1}", PID, e.getMessage());
        }
    }

    /// New addresses to listen on, while connections stay; the others hold from the next start on.
    @Modified
    void modified(Libp2pConfig changed) {
        boolean same = settings(changed).equals(settings(config)) && changed.perf() == config.perf();
        boolean elsewhere = !Arrays.equals(changed.listen(), config.listen());
        config = changed;
        if (elsewhere) {
            whenCreated(this::listen);
        }
        if (!same) {
            LOG.log(Level.WARNING, "the limits of {0} hold from the next start of the node on", PID);
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHandler(ProtocolHandler handler, Map<String, Object> properties) {
        whenCreated(() -> offer(handler, properties));
    }

    private void offer(ProtocolHandler handler, Map<String, Object> properties) {
        List<String> protocols = names(properties.get(ProtocolHandler.PROTOCOL));
        if (protocols.isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "a protocol handler offers nothing; register it with the property {0}",
                    ProtocolHandler.PROTOCOL);
        }
        List<AutoCloseable> all = new ArrayList<>();
        for (String protocol : protocols) {
            try {
                all.add(swarm.handle(protocol, handler));
            } catch (IllegalStateException e) {
                LOG.log(Level.ERROR, e.getMessage() + "; the later one is not used");
            }
        }
        offers.put(handler, () -> {
            for (AutoCloseable offer : all) {
                offer.close();
            }
        });
    }

    /// At once if the swarm is there, else when it is, after what was asked for before. One that fails is
    /// told, and keeps none of the others back.
    private synchronized void whenCreated(Runnable action) {
        last = last.thenRun(() -> {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.ERROR, "a service that this node was offered cannot be used", e);
            }
        });
    }

    private static List<String> names(Object property) {
        return switch (property) {
            case String one -> List.of(one);
            case String[] several -> List.of(several);
            case null, default -> List.of();
        };
    }

    void removeHandler(ProtocolHandler handler) {
        whenCreated(() -> close(handler));
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addGate(ConnectionGate gate) {
        whenCreated(() -> swarm.gates().add(gate));
    }

    void removeGate(ConnectionGate gate) {
        whenCreated(() -> swarm.gates().remove(gate));
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addAdmission(Admission admission) {
        whenCreated(() -> swarm.admissions().add(admission));
    }

    void removeAdmission(Admission admission) {
        whenCreated(() -> {
            swarm.admissions().expect(Files.exists(state.resolve(MEMBERSHIP)));
            swarm.admissions().remove(admission);
        });
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(ConnectionListener listener) {
        whenCreated(() -> offers.put(listener, swarm.listen(listener)));
    }

    void removeListener(ConnectionListener listener) {
        whenCreated(() -> close(listener));
    }

    private void close(Object service) {
        AutoCloseable offer = offers.remove(service);
        if (offer != null) {
            try {
                offer.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "withdrawing " + service + " failed", e);
            }
        }
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        Thread waiting;
        synchronized (this) {
            stopped = true;
            waiting = keeper;
            if (prover != null) {
                prover.interrupt();
            }
        }
        starter.join();
        if (swarm == null) {
            return;
        }
        leave();
        NamelessCertificates.uninstall();
        if (waiting != null) {
            waiting.interrupt();
            waiting.join();
        }
        keepPeers();
    }
}
