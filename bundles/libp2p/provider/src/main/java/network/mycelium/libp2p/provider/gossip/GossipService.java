package network.mycelium.libp2p.provider.gossip;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.Topic.Message;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.gossip.GossipRouter;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.swarm.PeerBook;

/// gossipsub over a host: a stream out to each peer ([GossipStreams]), one in from each ([GossipInbound]), and one
/// router that all of them call under one lock. Signatures are checked, and validators asked, by each peer's own thread
/// without the lock, and nothing is written while it is held.
public final class GossipService implements PubSub, AutoCloseable {
    private static final Logger LOG = System.getLogger(GossipService.class.getName());
    private static final int MAX_TOPIC_BYTES = 1024;
    private static final int MAX_QUEUED_BYTES = 16 << 20;

    private final Host host;
    private final NodeKey key;
    private final PeerExchange exchange;
    private final GossipConfig config;
    private final GossipRouter router;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong sequence = new AtomicLong(System.currentTimeMillis() * 1_000_000);
    private final GossipStreams streams;
    private final Map<String, JoinedTopic> topics = new ConcurrentHashMap<>();
    private final Outgoing.Budget queued = new Outgoing.Budget(MAX_QUEUED_BYTES);
    private final GossipInbound inbound;
    private final List<AutoCloseable> offers = new ArrayList<>();
    /// What was found of the messages that are handed to the router. Guarded by lock.
    private IdentityHashMap<GossipMessage, Boolean> verified = new IdentityHashMap<>(1);
    /// What validators are to be asked about. Guarded by lock.
    private final List<GossipMessage> unchecked = new ArrayList<>();
    private volatile boolean closed;
    private Thread heartbeats;
    /// The RPC that was encoded last: the same one often goes to many peers. Guarded by lock.
    private Rpc lastRpc;
    private Outgoing lastEncoded;

    /// @param book where the records are that peers signed
    public GossipService(Host host, PeerBook book, NodeKey key, GossipConfig config, ScoreConfig scoring) {
        this.host = host;
        this.exchange = new PeerExchange(host, book);
        this.key = key;
        this.config = config;
        this.inbound = new GossipInbound(config.maxRpc(), GossipInbound.MESSAGE_LIMIT, new Input());
        this.router = new GossipRouter(key.peerId(), config, scoring, new SecureRandom(), new Output());
        this.streams = new GossipStreams(host, router, this::route);
    }

    private final class Output implements GossipRouter.Output {
        @Override
        public void send(PeerId id, Rpc rpc) {
            GossipPeer peer = streams.get(id);
            if (peer != null) {
                if (rpc != lastRpc) {
                    lastRpc = rpc;
                    lastEncoded = new Outgoing(rpc, queued);
                }
                peer.enqueue(lastEncoded);
            }
        }

        @Override
        public boolean verify(GossipMessage message) {
            Boolean known = verified.get(message);
            return known == null ? message.verify() : known;
        }

        @Override
        public void check(GossipMessage message, PeerId via) {
            JoinedTopic topic = topics.get(message.topic());
            if (topic != null && topic.validates()) {
                unchecked.add(message);
            } else if (topic != null) {
                router.checked(message, via, Verdict.ACCEPT);
            }
        }

        @Override
        public void deliver(GossipMessage message, PeerId via) {
            JoinedTopic topic = topics.get(message.topic());
            if (topic != null) {
                topic.deliver(message(message, via));
            }
        }

        @Override
        public Optional<byte[]> signedRecord(PeerId peer) {
            return exchange.signedRecord(peer);
        }

        @Override
        public void meet(List<Suggested> others) {
            exchange.meet(others);
        }
    }

    private final class Input implements GossipInbound.Receiver {
        @Override
        public boolean listensTo(PeerId peer) {
            return GossipService.this.listensTo(peer);
        }

        @Override
        public void receive(PeerId from, Rpc rpc) {
            GossipService.this.receive(from, rpc);
        }
    }

    private static Message message(GossipMessage m, PeerId via) {
        return new Message(m.topic(), PeerId.parse(m.from()), Optional.of(via), m.seqno(), m.data());
    }

    public GossipService start() {
        for (String protocol : GossipStreams.PROTOCOLS) {
            offers.add(host.handle(protocol, inbound::read));
        }
        offers.add(host.listen(new ConnectionListener() {
            @Override
            public void identified(PeerInfo peer) {
                if (peer.protocols().stream().anyMatch(GossipStreams.PROTOCOLS::contains)) {
                    Thread.startVirtualThread(() -> streams.open(peer.id()));
                }
            }

            @Override
            public void disconnected(Connection connection) {
                if (host.connection(connection.peer()).isEmpty()) {
                    streams.drop(connection.peer());
                }
            }
        }));
        heartbeats = Thread.ofVirtual().name("libp2p-gossip-heartbeat").start(this::beat);
        return this;
    }

    /// Calls the router. What it asks to send is queued, and written by the threads of those who get it.
    private void route(Runnable call) {
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }

    static long now() {
        return System.nanoTime() / 1_000_000;
    }

    private void beat() {
        while (!closed) {
            LockSupport.parkNanos(config.heartbeat().toNanos());
            try {
                route(() -> {
                    router.heartbeat(now());
                    lastRpc = null;
                    lastEncoded = null;
                });
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a gossip heartbeat failed", e);
            }
        }
    }

    /// Hands an RPC to the router, in parts where it holds what nobody signed or what validators judge: after each of
    /// those the router is asked again whether it listens at all.
    private void receive(PeerId from, Rpc rpc) {
        // It may talk before this side could open a stream; what it follows must not be lost.
        streams.await(from);
        List<GossipMessage> left = rpc.messages();
        Rpc rest = rpc;
        do {
            var found = new IdentityHashMap<GossipMessage, Boolean>();
            int checked = verify(left, found);
            Rpc part = checked == left.size() ? rest : rest.with(left.subList(0, checked));
            var asked = new ArrayList<GossipMessage>(1);
            route(() -> {
                verified = found;
                router.receive(from, part, now());
                verified = new IdentityHashMap<>(1);
                asked.addAll(unchecked);
                unchecked.clear();
            });
            asked.forEach(message -> validate(message, from));
            left = left.subList(checked, left.size());
            rest = Rpc.of(left);
        } while (!left.isEmpty() && listensTo(from));
    }

    private void validate(GossipMessage message, PeerId from) {
        JoinedTopic topic = topics.get(message.topic());
        if (topic != null) {
            Verdict verdict = topic.check(message(message, from));
            route(() -> router.checked(message, from, verdict));
        }
    }

    /// @return how many were looked at: up to the first that its author did not sign, or that validators judge
    private int verify(List<GossipMessage> messages, IdentityHashMap<GossipMessage, Boolean> found) {
        for (int i = 0; i < messages.size(); i++) {
            GossipMessage message = messages.get(i);
            JoinedTopic topic = topics.get(message.topic());
            if (topic != null && message.data().length <= config.maxMessage() && !seen(message)) {
                boolean right = message.verify();
                found.put(message, right);
                if (!right || topic.validates()) {
                    return i + 1;
                }
            }
        }
        return messages.size();
    }

    private boolean listensTo(PeerId peer) {
        lock.lock();
        try {
            return router.listensTo(peer);
        } finally {
            lock.unlock();
        }
    }

    private boolean seen(GossipMessage message) {
        lock.lock();
        try {
            return router.hasSeen(message.id());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Topic join(String name) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_TOPIC_BYTES) {
            throw new IllegalArgumentException("A topic's name has 1 to " + MAX_TOPIC_BYTES + " bytes");
        }
        var joined = new JoinedTopic[1];
        route(() -> {
            if (closed) {
                throw new IllegalStateException("This node is stopping");
            }
            joined[0] = topics.computeIfAbsent(name, JoinedTopic::new);
            joined[0].handles++;
            router.join(name, now());
        });
        return new TopicHandle(this, joined[0]);
    }

    void leave(JoinedTopic topic) {
        route(() -> {
            if (--topic.handles == 0) {
                topics.remove(topic.name());
                router.leave(topic.name(), now());
            }
        });
    }

    void publish(JoinedTopic topic, byte[] data) {
        if (data.length > config.maxMessage()) {
            throw new IllegalArgumentException(
                    "A message of %d bytes; the largest has %d".formatted(data.length, config.maxMessage()));
        }
        byte[] seqno =
                ByteBuffer.allocate(8).putLong(sequence.incrementAndGet()).array();
        GossipMessage message = GossipMessage.sign(key, topic.name(), seqno, data.clone());
        route(() -> router.publish(message, now()));
        topic.deliver(new Message(topic.name(), key.peerId(), Optional.empty(), seqno, message.data()));
    }

    Set<PeerId> followers(String topic) {
        lock.lock();
        try {
            return router.followers(topic);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<TopicStatus> topics() {
        lock.lock();
        try {
            return topics.keySet().stream()
                    .sorted()
                    .map(name -> new TopicStatus(
                            name,
                            router.mesh(name).size(),
                            router.followers(name).size(),
                            router.counts(name).delivered(),
                            router.counts(name).duplicates(),
                            router.counts(name).rejected()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<PeerScore> scores() {
        lock.lock();
        try {
            return router.scores().entrySet().stream()
                    .map(e -> new PeerScore(e.getKey(), e.getValue()))
                    .sorted(Comparator.comparingDouble(PeerScore::score).reversed())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        streams.refuse();
        inbound.close();
        for (AutoCloseable offer : offers) {
            try {
                offer.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "gossip did not close", e);
            }
        }
        streams.close();
        topics.values().forEach(JoinedTopic::close);
        if (heartbeats != null) {
            LockSupport.unpark(heartbeats);
        }
    }
}
