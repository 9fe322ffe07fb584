package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Five nodes on hosts of their own, three at one site and two at another, and what may happen to the cable between.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PartitionIT {
    private static final int NODES = 5;
    private static final Duration HEALED = Duration.ofSeconds(10);
    private static final Duration NOTICED = Duration.ofSeconds(20);

    @TempDir
    Path temp;

    private interface Step {
        void run() throws Exception;
    }

    private NodeProcess boot(TwoSites sites, TestNetwork network, int host) throws Exception {
        return network.add(NodeProcess.startBy(sites.on(host), temp.resolve("host" + host)));
    }

    /// What a node takes for directed, without what may differ.
    private static List<String> directives(NodeProcess node) throws Exception {
        List<String> all = new ArrayList<>();
        for (JSONObject row : rows(node, "network", "directives")) {
            all.add("%s %s on %s, number %d"
                    .formatted(
                            row.getString("component"),
                            row.getString("versions"),
                            row.getString("on"),
                            row.getInt("number")));
        }
        return all;
    }

    private static long heard(NodeProcess node) throws Exception {
        return rows(node, "network", "nodes").stream()
                .filter(row -> row.getBoolean("alive"))
                .count();
    }

    private static double secondsUntilEqual(List<NodeProcess> all, String newest) {
        long begin = System.nanoTime();
        await().pollInterval(Duration.ofMillis(100))
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    List<String> first = directives(all.getFirst());
                    assertThat(first).anyMatch(directive -> directive.startsWith(newest));
                    for (NodeProcess node : all) {
                        assertThat(directives(node)).isEqualTo(first);
                    }
                });
        return (System.nanoTime() - begin) / 1e9;
    }

    private static void disturb(String name, List<NodeProcess> all, Step begin, Step end) throws Exception {
        begin.run();
        // Both sides notice, and each goes on directing.
        await().atMost(NOTICED).until(() -> heard(all.get(0)) == 3 && heard(all.get(4)) == 2);
        direct(all.get(0), name + "-a@1.0.0", "--force");
        direct(all.get(3), name + "-b@1.0.0", "--on", "2", "--force");
        direct(all.get(0), "common@1.0.0", "--on", "1", "--force");
        direct(all.get(3), "common@2.0.0", "--on", "2", "--force");
        direct(all.get(3), "common@3.0.0", "--on", "2", "--force");
        await().atMost(HEALED).until(() -> directives(all.get(4)).toString().contains(name + "-b"));
        assertThat(directives(all.get(1)).toString()).doesNotContain(name + "-b");
        end.run();
        double seconds = secondsUntilEqual(all, name + "-b");
        System.out.printf("%s: all desire the same %.1f s after it ended%n", name, seconds);
        assertThat(directives(all.get(1)).toString()).contains(name + "-a", "common 3.0.0");
        assertThat(seconds).as(name).isLessThan((double) HEALED.toSeconds());
        await().atMost(NOTICED).until(() -> heard(all.get(0)) == NODES && heard(all.get(4)) == NODES);
    }

    @Test
    void all_nodes_desire_the_same_ten_seconds_after_any_disturbance() throws Exception {
        Optional<String> missing = TwoSites.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        try (var sites = new TwoSites(3, 2);
                var network = new TestNetwork(temp)) {
            NodeProcess founder = boot(sites, network, 0);
            network.init(founder);
            List<NodeProcess> all = new ArrayList<>(List.of(founder));
            for (int i = 1; i < NODES; i++) {
                all.add(network.join(founder, boot(sites, network, i), "node" + i));
            }
            network.operators(all, "node1", "node2", "node3", "node4");
            await().atMost(NOTICED).until(() -> heard(founder) == NODES && heard(all.get(4)) == NODES);

            disturb("cut", all, () -> sites.cut(true), () -> sites.cut(false));
            disturb("oneway", all, () -> sites.swallow(true), () -> sites.swallow(false));

            network.publish(founder, TestNetwork.weather("1.0.0").file("data", TestBundle.noise(150_000, 1)));
            sites.narrow(true);
            direct(founder, "weather");
            direct(founder, "lossy@1.0.0", "--force");
            double seconds = secondsUntilEqual(all, "lossy");
            System.out.printf("over a cable that loses packets: all desire the same after %.1f s%n", seconds);
            assertThat(seconds).isLessThan((double) HEALED.toSeconds());
            TestNetwork.awaitVersion(all, "1.0.0");
            assertThat(sites.lost()).isPositive();
            sites.narrow(false);
        }
    }
}
