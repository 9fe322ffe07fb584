package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.json.JSONObject;

/// A node of the distribution that is attacked, and an honest peer that uses it meanwhile. Measures what the attack
/// takes
/// from both: the node's memory, and the honest peer's round trips and streams.
final class Victim implements AutoCloseable {
    private static final String PING = "/ipfs/ping/1.0.0";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// What is taken for no service.
    static final Duration SLOW = Duration.ofSeconds(3);

    final NodeProcess node;
    final Multiaddr address;
    final Swarm honest = swarm();

    /// Two seconds of an honest peer's life.
    ///
    /// @param median of its pings
    /// @param slowest of its pings
    /// @param streams that it opened, used and closed in a second
    record Service(Duration median, Duration slowest, long streams) {
        @Override
        public String toString() {
            return "ping %.1f ms, slowest %.0f ms, %d streams/s"
                    .formatted(median.toNanos() / 1e6, slowest.toNanos() / 1e6, streams);
        }
    }

    /// What goes on until it is told to stop.
    interface Attack {
        void once() throws Exception;
    }

    Victim(Path home) throws Exception {
        // Signs of life every second, so that tests need not wait; and this machine's addresses are as far as others.
        Path config = home.resolve("config/network.mycelium.libp2p.conf");
        Files.createDirectories(config.getParent());
        Files.writeString(config, """
                listen = /ip4/127.0.0.1/tcp/0
                heartbeat.seconds = 1
                max.loopback.connections = 64
                """);
        node = NodeProcess.start(home);
        org.awaitility.Awaitility.await()
                .atMost(TestNetwork.SOON)
                .ignoreExceptions()
                .until(() -> node.send("p2p", "addresses").out().contains("/ip4/127.0.0.1/tcp/"));
        address = Multiaddr.parse(TestNetwork.address(node));
        reconnect();
    }

    static Swarm swarm() {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        new SecureRandom().nextBytes(seed);
        return new Swarm(new NodeKey(seed), Settings.DEFAULT, new PeerBook()).start();
    }

    InetSocketAddress socket() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(address.value(Protocol.TCP).orElseThrow()));
    }

    void reconnect() throws IOException {
        honest.connect(address);
    }

    Service service() throws IOException {
        List<Duration> pings = new ArrayList<>();
        long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        while (pings.isEmpty() || System.nanoTime() < end) {
            pings.add(honest.ping(address.peer().orElseThrow(), PATIENCE));
        }
        Collections.sort(pings);
        long begin = System.nanoTime();
        long streams = 0;
        while (System.nanoTime() - begin < Duration.ofSeconds(1).toNanos()) {
            try (Stream stream = honest.open(address.peer().orElseThrow(), PING)) {
                stream.timeout(PATIENCE);
                stream.write(new byte[32], 0, 32);
                assertThat(stream.input().readNBytes(32)).hasSize(32);
            }
            streams++;
        }
        return new Service(
                pings.get(pings.size() / 2),
                pings.getLast(),
                streams * 1_000_000_000L / Math.max(1, System.nanoTime() - begin));
    }

    /// Measures the service before, beside and after an attack, and prints a table.
    ///
    /// @param times how often the attack is done at least before the service beside it is measured
    /// @return the service beside the attack
    Service serve(String name, int times, Attack attack) throws Exception {
        Service before = service();
        long rssBefore = resident();
        long heapBefore = heap();
        var peak = new AtomicLong(rssBefore);
        var done = new AtomicLong();
        var over = new java.util.concurrent.atomic.AtomicBoolean();
        Thread attacker = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                try {
                    attack.once();
                } catch (Exception e) {
                    // The node defends itself; the attack goes on.
                    Thread.yield();
                }
                done.incrementAndGet();
            }
        });
        Thread watch = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                peak.accumulateAndGet(resident(), Math::max);
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        });
        Service beside;
        try {
            org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> done.get() >= times);
            beside = service();
        } finally {
            over.set(true);
            attacker.join();
            watch.join();
        }
        Service after = service();
        System.out.printf(
                "%n%s, done %d times%n  before: %s%n  beside: %s%n  after:  %s%n  resident: %d MB, peak %d MB, after %d MB; heap: %d MB, after %d MB%n",
                name, done.get(), before, beside, after, rssBefore, peak.get(), resident(), heapBefore, heap());
        assertSound();
        assertThat(beside.slowest()).as(name).isLessThan(SLOW);
        assertThat(beside.streams()).as(name).isPositive();
        return beside;
    }

    /// MB, by Linux.
    private long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + node.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
                }
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private long heap() throws IOException {
        return new JSONObject(node.send("node", "status", "--json").ok().out()).getLong("heap used bytes") >> 20;
    }

    /// It runs, and was never short of memory.
    void assertSound() throws IOException {
        assertThat(node.output()).doesNotContain("OutOfMemoryError");
        assertThat(Files.readString(node.home.resolve("log/node.0.log"))).doesNotContain("OutOfMemoryError");
        assertThat(node.send("node", "status").exit()).isZero();
    }

    @Override
    public void close() throws Exception {
        honest.close();
        node.close();
    }
}
