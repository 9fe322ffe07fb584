package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.protocols.Perf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SwarmTest {
    private static final String ECHO = "/echo/1.0.0";

    private static void echo(Stream stream) throws java.io.IOException {
        byte[] buffer = new byte[65536];
        for (int n; (n = stream.read(buffer, 0, buffer.length)) >= 0; ) {
            stream.write(buffer, 0, n);
        }
    }

    private static String ask(Stream stream, String text) throws java.io.IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
        stream.closeWrite();
        return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void a_protocol_is_spoken_as_soon_as_it_is_offered_and_refused_when_it_is_gone() throws Exception {
        try (var two = new TwoSwarms()) {
            Connection connection = two.connect();
            assertThatThrownBy(() -> connection.open(ECHO))
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED));
            AutoCloseable offer = two.b.handle(ECHO, SwarmTest::echo);
            try (Stream stream = connection.open(ECHO)) {
                assertThat(ask(stream, "hello")).isEqualTo("hello");
            }
            // Identify/push tells of it.
            await().until(() -> two.a.peer(two.b.id()).orElseThrow().protocols().contains(ECHO));
            try (Stream stream = connection.open(ECHO)) {
                assertThat(ask(stream, "at once")).isEqualTo("at once");
            }
            offer.close();
            await().until(() ->
                    !two.a.peer(two.b.id()).orElseThrow().protocols().contains(ECHO));
            assertThatThrownBy(() -> connection.open(ECHO)).isInstanceOf(Libp2pException.class);
            assertThat(two.a.ping(two.b.id(), Duration.ofSeconds(5))).isPositive();
            assertThat(two.a.connections()).containsExactly(connection);
        }
    }

    @Test
    void perf_carries_bytes_up_and_down_and_windows_grow() throws Exception {
        try (var two = new TwoSwarms()) {
            try (Stream stream = two.connect().open(Perf.PROTOCOL)) {
                assertThat(Perf.run(stream, 50 << 20, 30 << 20)).isEqualTo(30 << 20);
            }
            await().untilAsserted(() -> assertThat(
                            two.b.limits().get("system").get("memory").used())
                    .isZero());
        }
    }

    @Test
    void a_thousand_streams_at_once_each_get_their_own_answer() throws Exception {
        try (var two = new TwoSwarms();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new CountDownLatch(1000);
            two.b.handle(ECHO, stream -> {
                all.countDown();
                try {
                    all.await();
                } catch (InterruptedException e) {
                    throw new java.io.IOException(e);
                }
                echo(stream);
            });
            Connection connection = two.connect();
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String text = "stream " + i;
                answers.add(threads.submit(() -> {
                    try (Stream stream = connection.open(ECHO)) {
                        return ask(stream, text);
                    }
                }));
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(answers.get(i).get()).isEqualTo("stream " + i);
            }
            await().untilAsserted(() -> assertThat(
                            two.a.limits().get("system").get("streams").used())
                    .isZero());
        }
    }

    @Test
    void a_slow_reader_stops_the_writer_and_holds_one_window() throws Exception {
        try (var two = new TwoSwarms()) {
            var wrote = new AtomicLong();
            var stop = new CountDownLatch(1);
            two.b.handle(ECHO, stream -> {
                try {
                    stop.await();
                } catch (InterruptedException e) {
                    throw new java.io.IOException(e);
                }
            });
            Connection connection = two.connect();
            try (Stream stream = connection.open(ECHO)) {
                stream.timeout(Duration.ofMillis(300));
                assertThatThrownBy(() -> {
                            while (true) {
                                stream.write(new byte[4096], 0, 4096);
                                wrote.addAndGet(4096);
                            }
                        })
                        .isInstanceOf(SocketTimeoutException.class);
                assertThat(wrote.get()).isBetween(200_000L, 256L * 1024);
                assertThat(two.b.limits().get("system").get("memory").used()).isLessThanOrEqualTo(512 * 1024);
                // Others go on meanwhile.
                assertThat(two.a.ping(two.b.id(), Duration.ofSeconds(5))).isPositive();
            }
            stop.countDown();
        }
    }

    @Test
    void half_close_reset_and_disconnect_are_seen_by_the_other_side() throws Exception {
        try (var two = new TwoSwarms()) {
            var seen = new java.util.concurrent.LinkedBlockingQueue<Object>();
            two.b.handle(ECHO, stream -> {
                stream.write(new byte[] {'!'}, 0, 1);
                try {
                    seen.add(new String(stream.input().readAllBytes(), StandardCharsets.UTF_8));
                    stream.write(new byte[] {'o', 'k'}, 0, 2);
                } catch (Libp2pException e) {
                    seen.add(e.kind());
                }
            });
            Connection connection = two.connect();
            Stream half = connection.open(ECHO);
            assertThat(ask(half, "question")).isEqualTo("!ok");
            assertThat(seen.take()).isEqualTo("question");
            Stream reset = connection.open(ECHO);
            assertThat(reset.input().read()).isEqualTo('!');
            reset.reset();
            assertThat(seen.take()).isEqualTo(Kind.RESET);
            Stream cut = connection.open(ECHO);
            assertThat(cut.input().read()).isEqualTo('!');
            assertThat(two.a.disconnect(two.b.id())).isTrue();
            assertThat(seen.take()).isEqualTo(Kind.CLOSED);
            assertThatThrownBy(() -> cut.read(new byte[1], 0, 1)).isInstanceOf(Libp2pException.class);
            await().until(() ->
                    two.b.connections().isEmpty() && two.a.connections().isEmpty());
            assertThat(two.b.limits().get("system").values()).allMatch(u -> u.used() == 0);
        }
    }

    @Test
    void a_wrong_peer_id_is_refused_and_tells_who_answered() throws Exception {
        try (var two = new TwoSwarms()) {
            PeerId other = TwoSwarms.key().peerId();
            assertThatThrownBy(() -> two.a.connect(other, two.b.addresses()))
                    .hasMessageContaining(two.b.id().toString())
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
            await().until(() -> two.b.connections().isEmpty());
        }
    }

    @Test
    void a_gate_refuses_with_its_reason() throws Exception {
        try (var two = new TwoSwarms()) {
            two.b.gates().add(new ConnectionGate() {
                @Override
                public Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
                    return Optional.of("not a member");
                }
            });
            two.a.gates().add(new ConnectionGate() {
                @Override
                public Optional<String> refuseAddress(Optional<PeerId> peer, Multiaddr address) {
                    return address.toString().contains("/tcp/1")
                                    && address.toString().endsWith("/tcp/1")
                            ? Optional.of("port one")
                            : Optional.empty();
                }
            });
            assertThatThrownBy(() -> two.a.connect(two.b.id(), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"))))
                    .hasMessageContaining("port one");
            // The other side proves itself first, so the connection comes about and is closed at once.
            try {
                two.connect();
            } catch (Libp2pException e) {
                assertThat(e).hasMessageContaining("No connection");
            }
            await().until(() ->
                    two.a.connections().isEmpty() && two.b.connections().isEmpty());
        }
    }

    @Test
    void limits_refuse_what_is_too_much_and_are_given_back() throws Exception {
        Settings small = Settings.DEFAULT.with(new Limits(4, 8, 1 << 20), new Limits(4, 8, 1 << 20), 2, 4);
        try (var two = new TwoSwarms(small)) {
            two.b.handle(ECHO, SwarmTest::echo);
            Connection connection = two.connect();
            List<Stream> open = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20; i++) {
                            open.add(connection.open(ECHO));
                        }
                    })
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isIn(Kind.LIMIT, Kind.RESET));
            assertThat(open).hasSizeBetween(5, 8);
            open.forEach(Stream::reset);
            await().untilAsserted(() -> assertThat(
                            two.b.limits().get("system").get("streams").used())
                    .isZero());
            try (Stream stream = connection.open(ECHO)) {
                assertThat(ask(stream, "again")).isEqualTo("again");
            }
        }
    }

    @Test
    void a_port_in_use_is_told_and_another_is_taken_at_run_time() throws Exception {
        try (var two = new TwoSwarms();
                var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Multiaddr used = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + taken.getLocalPort());
            Connection connection = two.connect();
            assertThatThrownBy(() -> two.b.listenOn(List.of(used)))
                    .hasMessageContaining(used.toString())
                    .hasMessageContaining("port 0");
            assertThat(two.b.addresses()).isEmpty();
            two.b.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            assertThat(two.b.addresses()).hasSize(1);
            assertThat(connection.isOpen()).isTrue();
            await().until(() -> two.a.peer(two.b.id()).orElseThrow().addresses().equals(two.b.addresses()));
        }
    }

    @Test
    void the_port_that_it_had_is_taken_again_unless_somebody_else_has_it_now() throws Exception {
        Multiaddr any = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
        try (var two = new TwoSwarms()) {
            two.a.listenOn(List.of(any));
            Map<Multiaddr, Integer> had = two.a.ports();
            two.b.listenOn(List.of());
            two.b.listenOn(List.of(any), had);
            assertThat(two.b.ports().get(any)).isPositive().isNotEqualTo(had.get(any));
            for (int i = 0; i < 50; i++) {
                two.a.listenOn(List.of());
                two.a.listenOn(List.of(any), had);
                assertThat(two.a.ports()).as("time %d", i).isEqualTo(had);
            }
        }
    }

    @Test
    void nobody_there_is_told_for_each_address() {
        try (var a = TwoSwarms.swarm(Settings.DEFAULT)) {
            assertThatThrownBy(() -> a.connect(
                            TwoSwarms.key().peerId(),
                            List.of(
                                    Multiaddr.parse("/ip4/127.0.0.1/tcp/1"),
                                    Multiaddr.parse("/ip6/::1/tcp/2"),
                                    Multiaddr.parse("/ip4/127.0.0.1/udp/1/quic-v1"))))
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                    .hasMessageContaining("/ip4/127.0.0.1/tcp/1: Connection refused")
                    .hasMessageContaining("/ip6/::1/tcp/2");
        }
    }

    @Test
    void who_was_dialled_before_is_asked_for_noise_and_greeted_in_one_packet() throws Exception {
        try (var two = new TwoSwarms()) {
            List<Multiaddr> addresses = two.b.addresses();
            two.connect();
            two.a.disconnect(two.b.id());
            assertThat(two.connect().security()).isEqualTo("/noise");
            two.a.disconnect(two.b.id());
            two.b.listenOn(List.of());
            int port = Integer.parseInt(addresses.getFirst().value(Protocol.TCP).orElseThrow());
            try (var silent = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Connection> dialled = threads.submit(() -> two.a.connect(two.b.id(), addresses));
                try (Socket socket = silent.accept()) {
                    String proposal = "\u0013/multistream/1.0.0\n\u0007/noise\n";
                    // The first message of the handshake: its length in two bytes, and a key.
                    byte[] came = socket.getInputStream().readNBytes(proposal.length() + 2 + 32);
                    assertThat(new String(came, StandardCharsets.ISO_8859_1)).startsWith(proposal + "\0 ");
                }
                silent.close();
                assertThatThrownBy(dialled::get).hasMessageContaining("No connection to " + two.b.id());
            }
        }
    }

    @Test
    void who_spoke_noise_before_and_does_not_now_is_asked_what_he_speaks() throws Exception {
        NodeKey key = TwoSwarms.key();
        Multiaddr any = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
        try (var a = TwoSwarms.swarm(Settings.DEFAULT)) {
            Map<Multiaddr, Integer> port;
            try (var before = new Swarm(key, Settings.DEFAULT, new PeerBook()).start()) {
                before.listenOn(List.of(any));
                port = before.ports();
                assertThat(a.connect(before.id(), before.addresses()).security())
                        .isEqualTo("/noise");
            }
            await().until(() -> a.connections().isEmpty());
            try (var after = new Swarm(key, Settings.DEFAULT.withSecurities("/tls/1.0.0"), new PeerBook()).start()) {
                after.listenOn(List.of(any), port);
                for (int i = 0; i < 2; i++) {
                    assertThat(a.connect(after.id(), after.addresses()).security())
                            .isEqualTo("/tls/1.0.0");
                    a.disconnect(after.id());
                }
            }
        }
    }

    @Test
    void a_handshake_that_goes_on_byte_by_byte_ends_when_its_time_is_over() throws Exception {
        try (var b = TwoSwarms.swarm(Settings.DEFAULT.withHandshake(Duration.ofMillis(300)))) {
            b.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            int port = Integer.parseInt(
                    b.addresses().getFirst().value(Protocol.TCP).orElseThrow());
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> end =
                        threads.submit(() -> socket.getInputStream().read());
                // A name of a protocol of 1,023 bytes.
                socket.getOutputStream().write(new byte[] {(byte) 0xff, 7});
                await().ignoreExceptions().pollInterval(Duration.ofMillis(100)).until(() -> {
                    socket.getOutputStream().write('a');
                    return end.isDone();
                });
                assertThat(end.get()).isEqualTo(-1);
            }
        }
    }

    @Test
    void of_two_connections_both_sides_use_the_same() throws Exception {
        try (var two = new TwoSwarms();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                var start = new CountDownLatch(1);
                Future<Connection> ab = threads.submit(() -> {
                    start.await();
                    return two.a.connect(two.b.id(), two.b.addresses());
                });
                Future<Connection> ba = threads.submit(() -> {
                    start.await();
                    return two.b.connect(two.a.id(), two.a.addresses());
                });
                start.countDown();
                ab.get();
                ba.get();
                await().until(() ->
                        two.a.connections().size() == two.b.connections().size()
                                && two.a
                                        .connection(two.b.id())
                                        .orElseThrow()
                                        .local()
                                        .equals(two.b
                                                .connection(two.a.id())
                                                .orElseThrow()
                                                .remote()));
                two.a.disconnect(two.b.id());
                await().until(() ->
                        two.a.connections().isEmpty() && two.b.connections().isEmpty());
            }
        }
    }

    @Test
    void tls_carries_the_same_and_refuses_the_same() throws Exception {
        try (var two = new TwoSwarms(Settings.DEFAULT.withSecurities("/tls/1.0.0"))) {
            Connection connection = two.connect();
            assertThat(connection.security()).isEqualTo("/tls/1.0.0");
            try (Stream stream = connection.open(Perf.PROTOCOL)) {
                assertThat(Perf.run(stream, 10 << 20, 10 << 20)).isEqualTo(10 << 20);
            }
            assertThat(two.a.ping(two.b.id(), Duration.ofSeconds(5))).isPositive();
            two.a.disconnect(two.b.id());
            PeerId other = TwoSwarms.key().peerId();
            assertThatThrownBy(() -> two.a.connect(other, two.b.addresses()))
                    .hasMessageContaining(two.b.id().toString())
                    .isInstanceOfSatisfying(
                            Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
            await().until(() -> two.b.connections().isEmpty());
        }
    }
}
