package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Multiaddr;
import org.json.JSONObject;

/// A node of the distribution that follows a topic, and two honest peers that hear of each other by it alone: what an
/// attack costs the node's memory and their service.
final class Attacked implements AutoCloseable {
    static final String TOPIC = "attacked";
    private static final int MESSAGES = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final NodeProcess node;
    final GossipNode alice;
    final GossipNode bob;
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicLong peak = new AtomicLong();
    private final Thread follower;
    private final Thread watcher;
    private final long before;
    private final double[] calm;
    private volatile boolean over;

    Attacked(Path home) throws Exception {
        node = NodeProcess.start(home);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !TestNetwork.address(node).isEmpty());
        follower = Thread.startVirtualThread(() -> {
            try {
                node.send("p2p", "follow", TOPIC, "--seconds", "300");
            } catch (IOException e) {
                assertThat(over).as("the node hung up: " + e).isTrue();
            }
        });
        alice = GossipNode.follow(TOPIC);
        bob = GossipNode.follow(TOPIC);
        for (GossipNode peer : List.of(alice, bob)) {
            peer.swarm().connect(address());
        }
        await().atMost(PATIENCE).until(() -> alice.mesh() == 1 && bob.mesh() == 1);
        // What is sent before the node has grafted both is lost.
        await().atMost(PATIENCE).until(() -> {
            alice.topic().publish(("hello " + numbers.incrementAndGet()).getBytes(StandardCharsets.UTF_8));
            return !bob.got().isEmpty();
        });
        calm = serve();
        before = rss();
        watcher = Thread.ofPlatform().daemon().start(this::watch);
    }

    Multiaddr address() throws IOException {
        return Multiaddr.parse(TestNetwork.address(node));
    }

    /// Of how many peers the node's mesh consists.
    int mesh() throws IOException {
        return TestNetwork.rows(node, "p2p", "topics").stream()
                .filter(row -> row.getString("topic").equals(TOPIC))
                .mapToInt(row -> row.getInt("mesh"))
                .sum();
    }

    private long rss() throws IOException {
        return rss(node);
    }

    /// Its memory, in MB.
    static long rss(NodeProcess node) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + node.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("the node is gone");
    }

    private void watch() {
        try {
            while (!over) {
                peak.accumulateAndGet(rss(), Math::max);
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        } catch (IOException e) {
            peak.set(Long.MAX_VALUE);
        }
    }

    /// Milliseconds that messages take from one honest peer to the other, the quickest first; then those of pings.
    private double[] serve() throws IOException {
        double[] millis = new double[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            String text = "message " + numbers.incrementAndGet() + ".";
            long begin = System.nanoTime();
            alice.topic().publish(text.getBytes(StandardCharsets.UTF_8));
            await().pollInterval(Duration.ofMillis(1))
                    .pollDelay(Duration.ZERO)
                    .atMost(PATIENCE)
                    .until(() -> bob.got().contains(text));
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(millis);
        return millis;
    }

    private String pinged() throws IOException {
        return "%.1f"
                .formatted(bob.swarm()
                                .ping(address().peer().orElseThrow(), PATIENCE)
                                .toNanos()
                        / 1e6);
    }

    /// What is done to the node, in parts; between them the honest peers are served.
    interface Attack {
        void part(int number) throws Exception;
    }

    /// Attacks, and has the honest peers served between the parts and after them.
    void by(String name, int parts, Attack attack) throws Exception {
        String pingBefore = pinged();
        double[] beside = {};
        String pingBeside = "";
        for (int i = 0; i < parts; i++) {
            attack.part(i);
            double[] some = serve();
            pingBeside = pinged();
            if (beside.length == 0 || some[MESSAGES - 1] > beside[MESSAGES - 1]) {
                beside = some;
            }
        }
        double[] after = serve();
        System.out.printf(
                "| %s | %d / %d / %d | %s | %s / %s / %s | %s | %s |%n",
                name,
                before,
                peak.get(),
                rss(),
                heap(),
                spread(calm),
                spread(beside),
                spread(after),
                pingBefore,
                pingBeside);
        assertUnharmed();
    }

    private static String spread(double[] millis) {
        return "%.1f (%.0f)".formatted(millis[millis.length / 2], millis[millis.length - 1]);
    }

    private String heap() throws IOException {
        JSONObject status =
                new JSONObject(node.send("node", "status", "--json").ok().out());
        return "%d of %d".formatted(number(status, "heap used bytes") >> 20, number(status, "heap limit bytes") >> 20);
    }

    private static long number(JSONObject status, String name) {
        return Long.parseLong(status.get(name).toString());
    }

    private void assertUnharmed() throws IOException {
        assertUnharmed(node);
    }

    /// It never ran out of memory.
    static void assertUnharmed(NodeProcess node) throws IOException {
        try (var logs = Files.list(node.home.resolve("log"))) {
            for (Path log : logs.filter(p -> p.toString().endsWith(".log")).toList()) {
                assertThat(Files.readString(log)).doesNotContain("OutOfMemoryError");
            }
        }
        assertThat(node.output()).doesNotContain("OutOfMemoryError");
    }

    /// Processor time of the node so far.
    Duration cpu() {
        return ProcessHandle.of(node.pid())
                .flatMap(p -> p.info().totalCpuDuration())
                .orElseThrow();
    }

    @Override
    public void close() throws Exception {
        over = true;
        alice.close();
        bob.close();
        node.close();
        follower.join();
        watcher.join();
    }
}
