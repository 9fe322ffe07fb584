package network.mycelium.simulation.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.gossip.GossipService;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.simulation.host.MemoryNetwork.Conditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryNetworkTest {
    private static final String ECHO = "/echo/1.0.0";
    private MemoryNetwork network = new MemoryNetwork(1, Conditions.LOCAL);

    @AfterEach
    void close() {
        network.close();
    }

    private static NodeKey key(int number) {
        return new NodeKey(ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(number).array());
    }

    private MemoryHost host(int number) {
        MemoryHost host = network.host(key(number).peerId());
        host.handle(ECHO, stream -> stream.input().transferTo(stream.output()));
        return host;
    }

    @Test
    void bytes_go_there_and_back_and_the_end_is_seen() throws IOException {
        MemoryHost one = host(1);
        MemoryHost two = host(2);
        byte[] sent = new byte[1_000_000];
        new Random(3).nextBytes(sent);

        try (Stream stream = one.open(two.id(), "/unknown", ECHO)) {
            assertThat(stream.protocol()).isEqualTo(ECHO);
            Thread.startVirtualThread(() -> {
                try {
                    stream.write(sent, 0, sent.length);
                    stream.closeWrite();
                } catch (IOException e) {
                    stream.reset();
                }
            });
            assertThat(stream.input().readAllBytes()).isEqualTo(sent);
        }
        assertThat(two.connection(one.id()).orElseThrow().streams()).isEmpty();
    }

    @Test
    void delay_and_bandwidth_are_those_asked_for() throws IOException {
        network = new MemoryNetwork(
                1, new Conditions(Duration.ofMillis(20), Duration.ofMillis(20), 0, 1_000_000, Duration.ofSeconds(1)));
        MemoryHost one = host(1);
        Stream stream = one.open(host(2).id(), ECHO);

        long begin = System.nanoTime();
        stream.write("x".getBytes(UTF_8), 0, 1);
        assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(1);
        assertThat(System.nanoTime() - begin).isGreaterThan(40_000_000);

        begin = System.nanoTime();
        stream.write(new byte[100_000], 0, 100_000);
        assertThat(stream.input().readNBytes(100_000)).hasSize(100_000);
        // A tenth of a second up and a tenth back, in part at the same time.
        assertThat(System.nanoTime() - begin).isGreaterThan(140_000_000);
    }

    @Test
    void nothing_crosses_a_partition_and_it_goes_on_when_healed_in_time() throws IOException {
        network = new MemoryNetwork(
                1, new Conditions(Duration.ZERO, Duration.ZERO, 0, 1_000_000_000, Duration.ofSeconds(60)));
        MemoryHost one = host(1);
        MemoryHost two = host(2);
        Stream stream = one.open(two.id(), ECHO);
        stream.timeout(Duration.ofMillis(100));

        network.side(two.id(), 1);
        stream.write(new byte[] {7}, 0, 1);
        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> host(3).open(two.id(), ECHO)).isInstanceOf(Libp2pException.class);

        network.heal();
        stream.timeout(Duration.ofSeconds(10));
        byte[] answer = new byte[1];
        assertThat(stream.read(answer, 0, 1)).isEqualTo(1);
        assertThat(answer[0]).isEqualTo((byte) 7);
    }

    @Test
    void a_partition_ends_connections_after_the_silence_and_both_sides_are_told() throws IOException {
        network = new MemoryNetwork(
                1, new Conditions(Duration.ZERO, Duration.ZERO, 0, 1_000_000_000, Duration.ofMillis(50)));
        MemoryHost one = host(1);
        MemoryHost two = host(2);
        var gone = new AtomicInteger();
        for (MemoryHost host : List.of(one, two)) {
            host.listen(new ConnectionListener() {
                @Override
                public void disconnected(Connection connection) {
                    gone.incrementAndGet();
                }
            });
        }
        Stream stream = one.open(two.id(), ECHO);

        network.side(one.id(), 1);

        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(Libp2pException.class);
        await().until(() -> gone.get() == 2);
        assertThat(one.connections()).isEmpty();
    }

    @Test
    void a_gate_refuses() {
        MemoryHost one = host(1);
        MemoryHost two = host(2);
        two.gate(new ConnectionGate() {
            @Override
            public Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
                return peer.equals(one.id()) ? Optional.of("not that one") : Optional.empty();
            }
        });

        assertThatThrownBy(() -> one.connect(two.id(), List.of()))
                .isInstanceOfSatisfying(
                        Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Libp2pException.Kind.REFUSED));
    }

    @Test
    void a_host_that_closes_takes_its_streams_with_it() throws IOException {
        MemoryHost one = host(1);
        MemoryHost two = host(2);
        Stream stream = one.open(two.id(), ECHO);

        two.close();

        assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(Libp2pException.class);
        assertThat(one.connections()).isEmpty();
    }

    @Test
    void the_nodes_own_gossip_service_runs_on_a_hundred_hosts() throws IOException {
        int nodes = 100;
        var random = new Random(5);
        List<MemoryHost> hosts = new ArrayList<>();
        List<GossipService> services = new ArrayList<>();
        var got = new AtomicInteger();
        try {
            for (int i = 0; i < nodes; i++) {
                MemoryHost host = network.host(key(i).peerId());
                var gossip = new GossipService(host, new PeerBook(), key(i), GossipConfig.DEFAULT, ScoreConfig.DEFAULT)
                        .start();
                hosts.add(host);
                services.add(gossip);
                gossip.join("news").subscribe(message -> got.incrementAndGet());
            }
            for (int i = 0; i < nodes; i++) {
                for (int k = 0; k < 4; k++) {
                    int other = random.nextInt(nodes);
                    if (other != i) {
                        hosts.get(i).connect(hosts.get(other).id(), List.of());
                    }
                }
            }
            Topic topic = services.getFirst().join("news");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> services.stream()
                            .allMatch(s -> s.topics().getFirst().mesh() > 0));
            topic.publish("spring".getBytes(UTF_8));
            await().atMost(Duration.ofSeconds(30)).until(() -> got.get() == nodes);
        } finally {
            services.forEach(GossipService::close);
        }
    }
}
