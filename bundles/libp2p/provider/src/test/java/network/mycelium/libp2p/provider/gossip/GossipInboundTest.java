package network.mycelium.libp2p.provider.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GossipInboundTest implements GossipInbound.Receiver {
    private static final String PROTOCOL = "/meshsub/1.1.0";
    private static final int MAX_RPC = 4 << 20;
    private static final int MEMORY = 1 << 20;
    private static final int WINDOW = 256 << 10;

    private final List<Integer> got = new CopyOnWriteArrayList<>();
    private volatile boolean listens = true;
    private volatile long counted;
    private Swarm node;
    private Swarm peer;

    @BeforeEach
    void start() throws IOException {
        node = swarm();
        peer = swarm();
        node.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        node.handle(PROTOCOL, new GossipInbound(MAX_RPC, Duration.ofSeconds(1), this)::read);
        peer.connect(node.id(), node.addresses());
    }

    private static Swarm swarm() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        Settings settings = Settings.DEFAULT.with(Settings.DEFAULT.system(), new Limits(8, 100, MEMORY), 96, 192);
        return new Swarm(new NodeKey(seed), settings, new PeerBook()).start();
    }

    @AfterEach
    void stop() {
        peer.close();
        node.close();
    }

    @Override
    public boolean listensTo(PeerId from) {
        return listens;
    }

    @Override
    public void receive(PeerId from, Rpc rpc) {
        counted = memory();
        rpc.messages().forEach(m -> got.add(m.data().length));
    }

    private long memory() {
        return node.limits().get("system").get("memory").used();
    }

    private void assertAllIsGivenBack() {
        peer.disconnect(node.id());
        await().until(() -> memory() == 0);
    }

    private static byte[] frame(int bytes) {
        return Delimited.frame(Rpc.of(List.of(
                        new GossipMessage(new byte[0], new byte[bytes], new byte[8], "t", new byte[0], new byte[0])))
                .bytes());
    }

    private static void write(Stream stream, byte[] bytes) throws IOException {
        stream.write(bytes, 0, bytes.length);
    }

    private static void assertEnded(Stream stream) {
        stream.timeout(Duration.ofSeconds(10));
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(Libp2pException.class);
    }

    @Test
    void of_two_streams_of_a_peer_the_later_one_is_read() throws Exception {
        Stream first = peer.open(node.id(), PROTOCOL);
        write(first, frame(1));
        await().until(() -> got.contains(1));
        Stream second = peer.open(node.id(), PROTOCOL);
        write(second, frame(2));
        await().until(() -> got.contains(2));
        assertEnded(first);
        write(second, frame(3));
        await().until(() -> got.contains(3));
    }

    @Test
    void an_rpc_that_is_not_finished_in_time_ends_the_stream_and_silence_between_two_does_not() throws Exception {
        Stream stream = peer.open(node.id(), PROTOCOL);
        write(stream, frame(1));
        await().until(() -> got.contains(1));
        byte[] half = Arrays.copyOf(frame(200_000), 150_000);
        Stream other = swarmWithStream(half);
        assertEnded(other);
        write(stream, frame(2));
        await().until(() -> got.contains(2));
        assertThat(got).containsExactly(1, 2);
        assertAllIsGivenBack();
    }

    /// Of another peer.
    private Stream swarmWithStream(byte[] bytes) throws IOException {
        Swarm other = swarm();
        other.connect(node.id(), node.addresses());
        Stream stream = other.open(node.id(), PROTOCOL);
        write(stream, bytes);
        return stream;
    }

    @Test
    void an_announced_length_takes_no_memory_and_what_comes_is_counted_until_it_is_dealt_with() throws Exception {
        Stream stream = peer.open(node.id(), PROTOCOL);
        write(stream, Arrays.copyOf(frame(MAX_RPC - 100), 10));
        await().until(() -> memory() > 0);
        assertThat(memory()).isLessThan(WINDOW);

        Stream other = peer.open(node.id(), PROTOCOL);
        write(other, frame(300_000));
        await().until(() -> got.contains(300_000));
        assertThat(counted).isGreaterThan(600_000);
        assertAllIsGivenBack();
    }

    @Test
    void an_rpc_that_finds_no_room_is_skipped_and_counted_as_refused_and_the_next_is_read() throws Exception {
        Stream stream = peer.open(node.id(), PROTOCOL);
        write(stream, frame(2_000_000));
        write(stream, frame(5));
        await().until(() -> got.contains(5));
        assertThat(got).containsExactly(5);
        assertThat(node.limits().entrySet().stream()
                        .filter(scope -> scope.getKey().startsWith("peer"))
                        .mapToLong(scope -> scope.getValue().get("memory").refused())
                        .sum())
                .isPositive();
        assertAllIsGivenBack();
    }

    @Test
    void nothing_is_read_of_whom_nobody_listens_to() throws Exception {
        listens = false;
        Stream stream = peer.open(node.id(), PROTOCOL);
        byte[] rubbish = Delimited.frame(new byte[] {-1, -1, -1});
        write(stream, rubbish);
        write(stream, frame(1));
        await().until(() -> node.connections().getFirst().bytesIn() > rubbish.length);
        listens = true;
        await().untilAsserted(() -> {
            write(stream, frame(2));
            assertThat(got).contains(2);
        });
        assertThat(got).doesNotContain(1);
    }

    @Test
    void what_is_too_long_or_no_rpc_ends_the_stream() throws Exception {
        for (byte[] bad : List.of(
                Delimited.frame(new byte[] {-1, -1, -1}),
                Arrays.copyOf(Delimited.frame(new byte[MAX_RPC + 1]), 10),
                new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1})) {
            Stream stream = peer.open(node.id(), PROTOCOL);
            write(stream, bad);
            assertEnded(stream);
        }
        assertThat(got).isEmpty();
    }
}
