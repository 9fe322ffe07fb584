package network.mycelium.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.gossip.GossipRouter;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.multiformats.Multicodec;
import network.mycelium.libp2p.multiformats.Multihash;

/// Nodes with the node's own gossipsub over simulated links. Messages are not signed: all nodes are honest unless the
/// check says otherwise.
public final class GossipSimulation {
    /// Bytes of an RPC around its content, about.
    private static final int OVERHEAD = 200;

    /// What became of one message.
    ///
    /// @param reachedAt when each node had it first, in microseconds after it was published
    public record Spread(long publishedAt, Map<Integer, Long> reachedAt) {
        /// When that part of all nodes had it.
        ///
        /// @return [Long#MAX_VALUE] if it never reached so many
        public long micros(double part, int nodes) {
            int wanted = (int) Math.ceil(part * nodes);
            List<Long> sorted = reachedAt.values().stream().sorted().toList();
            return wanted > sorted.size() ? Long.MAX_VALUE : sorted.get(wanted - 1);
        }
    }

    private final Simulation simulation;
    private final Links links;
    private final List<GossipRouter> routers = new ArrayList<>();
    private final Map<PeerId, Integer> numbers = new HashMap<>();
    private final Map<String, Spread> spreads = new HashMap<>();
    private final BiPredicate<Integer, GossipMessage> valid;
    private long sequence;

    /// @param valid whether a node takes a message for valid
    public GossipSimulation(
            Simulation simulation,
            Links links,
            int nodes,
            GossipConfig config,
            BiPredicate<Integer, GossipMessage> valid) {
        this.simulation = simulation;
        this.links = links;
        this.valid = valid;
        for (int i = 0; i < nodes; i++) {
            PeerId id = new PeerId(new Multihash(
                    Multicodec.SHA2_256.code(),
                    Multihash.digest(
                                    Multicodec.SHA2_256,
                                    ByteBuffer.allocate(4).putInt(i).array())
                            .digest()));
            numbers.put(id, i);
            var router = new GossipRouter(
                    id,
                    config,
                    ScoreConfig.DEFAULT,
                    new java.util.Random(simulation.random().nextLong()),
                    new Node(i));
            routers.add(router);
            simulation.every(config.heartbeat(), () -> router.heartbeat(simulation.nowMillis()));
        }
    }

    private final class Node implements GossipRouter.Output {
        private final int number;

        private Node(int number) {
            this.number = number;
        }

        @Override
        public void send(PeerId peer, Rpc rpc) {
            int to = numbers.get(peer);
            int bytes = OVERHEAD
                    + rpc.messages().stream()
                            .mapToInt(m -> m.data().length + OVERHEAD)
                            .sum()
                    + 40 * (rpc.dontWant().size() + rpc.want().size());
            links.micros(number, to, bytes)
                    .ifPresent(micros -> simulation.after(
                            micros,
                            () -> routers.get(to).receive(routers.get(number).self(), rpc, simulation.nowMillis())));
        }

        @Override
        public Optional<byte[]> signedRecord(PeerId peer) {
            return Optional.empty();
        }

        @Override
        public void meet(List<Suggested> others) {
            throw new IllegalStateException("Nobody has a record to suggest");
        }

        @Override
        public boolean verify(GossipMessage message) {
            return true;
        }

        @Override
        public void check(GossipMessage message, PeerId via) {
            Verdict verdict = valid.test(number, message) ? Verdict.ACCEPT : Verdict.REJECT;
            routers.get(number).checked(message, via, verdict);
        }

        @Override
        public void deliver(GossipMessage message, PeerId via) {
            Spread spread = spreads.get(message.id());
            spread.reachedAt().putIfAbsent(number, simulation.nowMicros() - spread.publishedAt());
        }
    }

    public GossipRouter router(int node) {
        return routers.get(node);
    }

    public void connect(int a, int b) {
        routers.get(a).connected(routers.get(b).self(), true, true, "");
        routers.get(b).connected(routers.get(a).self(), true, false, "");
    }

    /// Each node dials so many others, at random.
    public void connectAtRandom(int dials) {
        for (int i = 0; i < routers.size(); i++) {
            for (int k = 0; k < dials; k++) {
                int other = simulation.random().nextInt(routers.size());
                if (other != i) {
                    connect(i, other);
                }
            }
        }
    }

    public void joinAll(String topic) {
        routers.forEach(router -> router.join(topic, simulation.nowMillis()));
    }

    /// @return where it will be written what becomes of it
    public Spread publish(int node, String topic, byte[] data) {
        GossipRouter router = routers.get(node);
        byte[] seqno = ByteBuffer.allocate(8).putLong(++sequence).array();
        var message = new GossipMessage(router.self().bytes(), data, seqno, topic, new byte[0], new byte[0]);
        var spread = new Spread(simulation.nowMicros(), new HashMap<>());
        spread.reachedAt().put(node, 0L);
        spreads.put(message.id(), spread);
        router.publish(message, simulation.nowMillis());
        return spread;
    }

    /// Copies of messages that came to nodes which had them already.
    public long duplicates(String topic) {
        return routers.stream().mapToLong(r -> r.counts(topic).duplicates()).sum();
    }
}
