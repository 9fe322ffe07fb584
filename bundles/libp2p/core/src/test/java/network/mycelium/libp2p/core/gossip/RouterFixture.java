package network.mycelium.libp2p.core.gossip;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.Rpc.Have;
import network.mycelium.libp2p.core.gossip.Rpc.Prune;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.keys.NodeKey;

/// A router with a clock that a test moves, and what it asked for.
final class RouterFixture implements GossipRouter.Output {
    static final String TOPIC = "t";
    private static final long HEARTBEAT = GossipConfig.DEFAULT.heartbeat().toMillis();

    final GossipRouter router;
    final Map<PeerId, List<Rpc>> sent = new HashMap<>();
    final List<GossipMessage> delivered = new ArrayList<>();
    final List<Suggested> met = new ArrayList<>();
    /// Whether signatures are found right.
    boolean genuine = true;
    /// Whether the application accepts at once; else the test says what it says.
    boolean answers = true;

    int verified;
    long now = 1_000_000;

    RouterFixture() {
        router = new GossipRouter(peer(0), GossipConfig.DEFAULT, ScoreConfig.DEFAULT, new Random(1), this);
    }

    static NodeKey key(int number) {
        return new NodeKey(
                ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(number + 1).array());
    }

    static PeerId peer(int number) {
        return key(number).peerId();
    }

    static GossipMessage message(int author, long sequence, int bytes) {
        return new GossipMessage(
                peer(author).bytes(),
                new byte[bytes],
                ByteBuffer.allocate(8).putLong(sequence).array(),
                TOPIC,
                new byte[64],
                new byte[0]);
    }

    /// Peers that follow the topic, on addresses of their own.
    void connect(int from, int to, boolean outbound) {
        for (int i = from; i < to; i++) {
            router.connected(peer(i), true, outbound, "ip" + i);
            receive(i, rpc -> rpc.subscriptions().add(new Subscription(true, TOPIC)));
        }
    }

    interface Filling {
        void into(Rpc rpc);
    }

    void receive(int from, Filling filling) {
        Rpc rpc = Rpc.empty();
        filling.into(rpc);
        router.receive(peer(from), rpc, now);
    }

    void graft(int from) {
        receive(from, rpc -> rpc.graft().add(TOPIC));
    }

    void prune(int from, long backoffSeconds) {
        receive(from, rpc -> rpc.prune().add(new Prune(TOPIC, List.of(), backoffSeconds)));
    }

    void tell(int from, String... ids) {
        receive(from, rpc -> rpc.have().add(new Have(TOPIC, List.of(ids))));
    }

    /// An id as the messages of this test have it.
    static String id(long sequence) {
        return new String(ByteBuffer.allocate(8).putLong(sequence).array(), StandardCharsets.ISO_8859_1);
    }

    void heartbeats(int count) {
        for (int i = 0; i < count; i++) {
            now += HEARTBEAT;
            router.heartbeat(now);
        }
    }

    double score(int peer) {
        return router.scores().get(peer(peer));
    }

    boolean isInMesh(int peer) {
        return router.mesh(TOPIC).contains(peer(peer));
    }

    List<Prune> prunes(int to) {
        return sent(to).stream().flatMap(rpc -> rpc.prune().stream()).toList();
    }

    long grafts(int to) {
        return sent(to).stream().mapToLong(rpc -> rpc.graft().size()).sum();
    }

    List<Rpc> sent(int to) {
        return sent.getOrDefault(peer(to), List.of());
    }

    @Override
    public void send(PeerId peer, Rpc rpc) {
        sent.computeIfAbsent(peer, p -> new ArrayList<>()).add(rpc);
    }

    @Override
    public boolean verify(GossipMessage message) {
        verified++;
        return genuine;
    }

    @Override
    public void check(GossipMessage message, PeerId via) {
        if (answers) {
            router.checked(message, via, Verdict.ACCEPT);
        }
    }

    @Override
    public void deliver(GossipMessage message, PeerId via) {
        delivered.add(message);
    }

    @Override
    public Optional<byte[]> signedRecord(PeerId peer) {
        return Optional.of(new byte[] {1});
    }

    @Override
    public void meet(List<Suggested> others) {
        met.addAll(others);
    }
}
