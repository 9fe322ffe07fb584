package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.provider.protocols.Perf;
import network.mycelium.libp2p.provider.protocols.Ping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Peers and networks that break the rules: the node gives everything back and serves the others.
@Timeout(120)
class HostilePeerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static int port(Swarm swarm) {
        return Integer.parseInt(swarm.addresses().getFirst().value(Protocol.TCP).orElseThrow());
    }

    private static Socket socket(Swarm swarm) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port(swarm));
    }

    private static void assertNothingIsHeld(Swarm swarm) {
        await().untilAsserted(() -> {
            assertThat(swarm.connections()).isEmpty();
            assertThat(swarm.limits().values())
                    .allSatisfy(scope -> assertThat(scope.values()).allMatch(u -> u.used() == 0));
            assertThat(swarm.limits()).doesNotContainKey("peer");
        });
    }

    @Test
    void handshakes_that_dawdle_do_not_keep_others_out() throws Exception {
        try (var two = new TwoSwarms()) {
            List<Socket> dawdlers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                dawdlers.add(socket(two.b));
            }
            long start = System.nanoTime();
            two.connect();
            assertThat(two.a.ping(two.b.id(), PATIENCE)).isPositive();
            long millis = (System.nanoTime() - start) / 1_000_000;
            System.out.println("connected and pinged in " + millis + " ms beside 300 that say nothing");
            assertThat(millis).isLessThan(Settings.DEFAULT.handshake().toMillis());
            assertThat(two.b.limits().get("handshakes").get("connections").refused())
                    .isPositive();
            for (Socket dawdler : dawdlers) {
                dawdler.close();
            }
            two.a.disconnect(two.b.id());
            assertNothingIsHeld(two.b);
        }
    }

    @Test
    void random_bytes_instead_of_a_handshake_end_the_connection_alone() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var two = new TwoSwarms()) {
            two.connect();
            for (int i = 0; i < 200; i++) {
                try (Socket socket = socket(two.b)) {
                    byte[] bytes = new byte[random.nextInt(500)];
                    random.nextBytes(bytes);
                    if (i % 2 == 0) {
                        socket.getOutputStream()
                                .write("\u0013/multistream/1.0.0\n\u0007/noise\n".getBytes(StandardCharsets.UTF_8));
                    }
                    socket.getOutputStream().write(bytes);
                } catch (IOException e) {
                    // The node closed first: just what is wanted.
                    assertThat(e).hasMessageMatching("(?s).*(reset|closed|Broken).*");
                }
            }
            assertThat(two.a.ping(two.b.id(), Duration.ofSeconds(5))).isPositive();
            two.a.disconnect(two.b.id());
            assertNothingIsHeld(two.b);
        }
    }

    /// Forwards so many bytes in all, then cuts both sides.
    private static final class CuttingProxy implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final int target;
        private final long limit;
        private final AtomicLong forwarded = new AtomicLong();

        private CuttingProxy(int target, long limit) throws IOException {
            this.target = target;
            this.limit = limit;
            Thread.startVirtualThread(this::accept);
        }

        private void accept() {
            try {
                Socket in = server.accept();
                Socket out = new Socket(InetAddress.getLoopbackAddress(), target);
                Thread.startVirtualThread(() -> pump(in, out));
                pump(out, in);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("losed");
            }
        }

        private void pump(Socket from, Socket to) {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                byte[] one = new byte[1];
                while (in.read(one) > 0 && forwarded.incrementAndGet() <= limit) {
                    to.getOutputStream().write(one);
                }
            } catch (IOException e) {
                // The other direction was cut first.
                forwarded.addAndGet(limit);
            }
        }

        private Multiaddr address() {
            return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @Test
    void connections_cut_at_any_byte_give_everything_back() throws Exception {
        try (var two = new TwoSwarms()) {
            int whole = 0;
            for (int cut = 0; cut < 2600; cut += cut < 700 ? 7 : 61) {
                try (var proxy = new CuttingProxy(port(two.b), cut);
                        var fresh = TwoSwarms.swarm(Settings.DEFAULT)) {
                    try {
                        var connection = fresh.connect(two.b.id(), List.of(proxy.address()));
                        try (Stream stream = connection.open(Perf.PROTOCOL)) {
                            Perf.run(stream, 10_000, 10_000);
                            whole++;
                        }
                    } catch (IOException e) {
                        assertThat(e.getMessage()).isNotBlank();
                    }
                    fresh.disconnect(two.b.id());
                    assertNothingIsHeld(fresh);
                }
            }
            assertThat(whole).isZero();
            assertNothingIsHeld(two.b);
        }
    }

    /// What one peer does as fast as it can.
    private interface Flood {
        void once() throws IOException;
    }

    /// How long round trips of another peer take, the quickest first.
    private static List<Duration> pings(TwoSwarms two) throws IOException {
        List<Duration> trips = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            trips.add(two.a.ping(two.b.id(), PATIENCE));
        }
        return trips.stream().sorted().toList();
    }

    /// Not all of them, for the machine itself may stand still for a while.
    private static void assertServed(List<Duration> trips) {
        assertThat(trips.get(trips.size() * 9 / 10)).isLessThan(Duration.ofSeconds(1));
    }

    private static void assertServedBeside(TwoSwarms two, String what, Flood flood) throws Exception {
        two.connect();
        Duration calm = pings(two).getLast();
        var over = new AtomicBoolean();
        var done = new AtomicLong();
        Thread flooder = Thread.startVirtualThread(() -> {
            while (!over.get()) {
                try {
                    flood.once();
                    done.incrementAndGet();
                } catch (IOException e) {
                    // Refused, as it should be; it goes on trying.
                    Thread.yield();
                }
            }
        });
        try {
            await().until(() -> done.get() > 10);
            List<Duration> beside = pings(two);
            System.out.printf(
                    "slowest of 100 pings: %.1f ms, beside a flood of %s %.1f ms (%d done)%n",
                    calm.toNanos() / 1e6, what, beside.getLast().toNanos() / 1e6, done.get());
            assertServed(beside);
        } finally {
            over.set(true);
            flooder.join();
        }
        two.a.disconnect(two.b.id());
    }

    @Test
    void a_flood_of_pings_leaves_the_others_served() throws Exception {
        try (var two = new TwoSwarms();
                var flooder = TwoSwarms.swarm(Settings.DEFAULT)) {
            flooder.connect(two.b.id(), two.b.addresses());
            Stream pings = flooder.open(two.b.id(), Ping.PROTOCOL);
            Thread.startVirtualThread(() -> {
                try {
                    pings.input().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("clos");
                }
            });
            assertServedBeside(two, "pings", () -> pings.write(new byte[32], 0, 32));
            flooder.disconnect(two.b.id());
            assertNothingIsHeld(two.b);
        }
    }

    @Test
    void a_flood_of_connections_leaves_the_others_served() throws Exception {
        try (var two = new TwoSwarms()) {
            assertServedBeside(two, "connections", () -> {
                try (var stranger = TwoSwarms.swarm(Settings.DEFAULT)) {
                    stranger.connect(two.b.id(), two.b.addresses());
                }
            });
            assertNothingIsHeld(two.b);
        }
    }

    @Test
    void a_flood_of_huge_announced_lengths_leaves_the_others_served() throws Exception {
        try (var two = new TwoSwarms();
                var flooder = TwoSwarms.swarm(Settings.DEFAULT)) {
            // A varint of almost 2^63 where a protocol's name is expected.
            byte[] huge = {-1, -1, -1, -1, -1, -1, -1, -1, 127};
            assertServedBeside(two, "huge lengths", () -> {
                try (Stream stream =
                        flooder.connect(two.b.id(), two.b.addresses()).open("/ipfs/id/1.0.0")) {
                    stream.write(huge, 0, huge.length);
                }
            });
            flooder.disconnect(two.b.id());
            assertNothingIsHeld(two.b);
        }
    }

    @Test
    void a_flood_of_streams_from_one_peer_leaves_the_others_served() throws Exception {
        try (var two = new TwoSwarms();
                var flooder = TwoSwarms.swarm(Settings.DEFAULT)) {
            two.b.handle("/hold/1.0.0", stream -> stream.input().readAllBytes());
            two.connect();
            var connection = flooder.connect(two.b.id(), two.b.addresses());
            List<Stream> held = new ArrayList<>();
            try {
                for (int i = 0; i < 5000; i++) {
                    Stream stream = connection.open("/hold/1.0.0");
                    stream.write(new byte[1000], 0, 1000);
                    held.add(stream);
                }
            } catch (IOException e) {
                System.out.println("after " + held.size() + " streams: " + e.getMessage());
            }
            assertThat(held).hasSizeLessThanOrEqualTo(1024);
            assertServed(pings(two));
            flooder.disconnect(two.b.id());
            two.a.disconnect(two.b.id());
            assertNothingIsHeld(two.b);
        }
    }
}
