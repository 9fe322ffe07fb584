package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.address;
import static network.mycelium.itests.TestNetwork.awaitVersion;
import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.peer;
import static network.mycelium.itests.TestNetwork.rows;
import static network.mycelium.itests.TestNetwork.running;
import static network.mycelium.itests.TestNetwork.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.itests.NodeProcess.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Networks of real nodes, each a process: they join, are directed, load from each other, and lose members to
/// SIGKILL.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DirectedNetworkIT {
    @TempDir
    Path temp;

    private TestNetwork network;

    @BeforeEach
    void make() {
        network = new TestNetwork(temp);
    }

    @AfterEach
    void close() throws Exception {
        network.close();
    }

    @Test
    void a_directive_given_on_one_node_is_done_by_all_with_bundles_from_each_other() throws Exception {
        List<NodeProcess> all = network.network(4);
        network.publish(all.get(0), "1.0.0");
        long begin = System.nanoTime();
        direct(all.get(0), "weather");
        awaitVersion(all, "1.0.0");
        System.out.printf("directive to running on 4 nodes: %.1f s%n", (System.nanoTime() - begin) / 1e9);
        assertThat(all.get(3).send("component", "why", "weather").ok().out()).contains("network directive");

        network.publish(all.get(0), "2.0.0");
        direct(all.get(0), "weather@2.0.0");
        awaitVersion(all, "2.0.0");

        String status = all.get(2).send("network", "status").ok().out();
        assertThat(status).contains("2.0.0", "founder", "node1", "node2", "node3");

        direct(all.get(0), "weather", "--on", "none");
        awaitVersion(all);
    }

    @Test
    void a_share_of_a_node_that_dies_is_taken_over_and_a_node_alone_runs_what_it_should() throws Exception {
        List<NodeProcess> all = network.network(4);
        network.publish(all.get(0), "1.0.0");
        direct(all.get(0), "weather", "--on", "2");
        await().atMost(SOON).until(() -> running(all) == 2);

        NodeProcess victim = null;
        for (NodeProcess node : all.subList(1, 4)) {
            victim = victim == null && !versions(node).isEmpty() ? node : victim;
        }
        List<NodeProcess> left = new ArrayList<>(all);
        left.remove(victim);
        long begin = System.nanoTime();
        victim.kill();
        await().atMost(SOON).until(() -> running(left) == 2);
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("a share taken over after %.1f s%n", seconds);

        direct(all.get(0), "weather");
        awaitVersion(left, "1.0.0");
        for (NodeProcess node : all) {
            node.kill();
        }
        begin = System.nanoTime();
        NodeProcess alone = network.add(NodeProcess.start(left.getLast().home));
        awaitVersion(List.of(alone), "1.0.0");
        System.out.printf("alone again after %.1f s%n", (System.nanoTime() - begin) / 1e9);

        // The others come back where they were, and so they all find each other.
        List<NodeProcess> back = new ArrayList<>(List.of(alone));
        for (NodeProcess node : all) {
            if (!node.home.equals(alone.home)) {
                back.add(network.add(NodeProcess.start(node.home)));
            }
        }
        for (NodeProcess node : back) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(rows(node, "network", "nodes"))
                            .hasSize(all.size())
                            .allMatch(row -> row.getBoolean("alive")));
        }
    }

    /// Sooner than what nobody holds lingers.
    @Test
    void what_changed_while_a_node_was_dead_is_done_when_it_is_back() throws Exception {
        List<NodeProcess> all = network.network(2);
        network.publish(all.get(0), "1.0.0");
        network.publish(all.get(0), "2.0.0");
        direct(all.get(0), "weather@1.0.0");
        awaitVersion(all, "1.0.0");

        all.get(1).kill();
        direct(all.get(0), "weather@2.0.0");
        NodeProcess back = network.add(NodeProcess.start(all.get(1).home));
        awaitVersion(List.of(back), "2.0.0");
        assertThat(rows(back, "component", "list")).hasSize(1);
        assertThat(back.send("component", "history", "weather", "--limit", "50")
                        .ok()
                        .out())
                .containsPattern("UPDATED +weather +2.0.0 .*from 1.0.0");

        back.kill();
        direct(all.get(0), "weather@2.0.0", "--on", "none");
        NodeProcess again = network.add(NodeProcess.start(back.home));
        awaitVersion(List.of(again));
    }

    @Test
    void a_version_goes_out_in_waves_and_a_bad_one_is_rolled_back_everywhere_by_itself() throws Exception {
        List<NodeProcess> all = network.network(4);
        network.publish(all.get(0), "1.0.0");
        direct(all.get(0), "weather@1.0.0");
        awaitVersion(all, "1.0.0");
        network.publish(
                all.get(0),
                TestBundle.named("test.weather", "2.0.0")
                        .component("weather")
                        .activator("throw new IllegalStateException(\"broken\");", ""));

        direct(all.get(0), "weather@2.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "1");
        await().atMost(SOON)
                .until(() -> all.get(1).send("network", "status").ok().out().contains("halted"));
        assertThat(all.get(1).send("network", "status", "--json").ok().out()).contains("rejected: ", "broken");
        awaitVersion(all, "1.0.0");

        network.publish(all.get(0), "3.0.0");
        direct(all.get(0), "weather@3.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "1");
        awaitVersion(all, "3.0.0");

        all.get(0).send("network", "rollback", "weather").ok();
        awaitVersion(all, "1.0.0");

        network.publish(all.get(0), TestNetwork.weather("4.0.0").activator("Thread.currentThread().join();", ""));
        direct(all.get(0), "weather@4.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "1");
        await().atMost(SOON)
                .until(() -> all.get(1)
                        .send("network", "status", "--json")
                        .ok()
                        .out()
                        .contains("did not start within"));
        awaitVersion(all, "1.0.0");

        // The heap of these nodes is 96 MiB.
        network.publish(
                all.get(0),
                TestNetwork.weather("5.0.0")
                        .add("Import-Package", "org.osgi.framework")
                        .add("Bundle-Activator", "test.weather.Leak")
                        .source("test.weather.Leak", """
                            package test.weather;
                            public class Leak extends Thread implements org.osgi.framework.BundleActivator {
                                private final java.util.List<byte[]> kept = new java.util.ArrayList<>();
                                public void start(org.osgi.framework.BundleContext context) { start(); }
                                public void stop(org.osgi.framework.BundleContext context) { interrupt(); }
                                public void run() {
                                    try {
                                        while (true) {
                                            kept.add(new byte[256 << 10]);
                                            Thread.sleep(20);
                                        }
                                    } catch (InterruptedException e) {
                                        kept.clear();
                                    }
                                }
                            }
                            """));
        direct(all.get(0), "weather@5.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "60");
        await().atMost(SOON)
                .until(() -> all.get(1)
                        .send("network", "status", "--json")
                        .ok()
                        .out()
                        .contains("the heap has"));
        awaitVersion(all, "1.0.0");
    }

    @Test
    void what_runs_on_demand_runs_where_it_is_asked_for_and_in_the_versions_that_the_network_says() throws Exception {
        List<NodeProcess> all = network.network(2);
        network.publish(all.get(0), "1.0.0");
        direct(all.get(0), "weather", "--memory", "999999999", "--force");
        direct(all.get(0), "weather@1.0.0", "--on", "demand");
        await().atMost(SOON)
                .until(() -> rows(all.get(1), "network", "directives")
                        .getFirst()
                        .getString("on")
                        .equals("demand"));
        assertThat(running(all)).isZero();
        all.get(1).send("component", "load", "weather").ok();
        awaitVersion(List.of(all.get(1)), "1.0.0");

        network.publish(all.get(0), "2.0.0");
        direct(all.get(0), "weather@2.0.0", "--on", "demand", "--processors", "1");
        awaitVersion(List.of(all.get(1)), "2.0.0");
        assertThat(versions(all.get(0))).isEmpty();
        // The founder knows by the other's next beat.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(rows(all.get(0), "network", "status"))
                        .singleElement()
                        .matches(row -> row.getString("runs").equals("2.0.0")));
        assertThat(all.get(0)
                        .send("network", "direct", "weather@3.0.0", "--on", "demand", "--from", "2.0.0")
                        .err())
                .contains("What runs on demand is not rolled out");
        assertThat(all.get(1).send("network", "audit").ok().out()).containsPattern("operator .*component:load weather");
    }

    @Test
    void of_a_new_version_only_what_is_new_travels() throws Exception {
        List<NodeProcess> all = network.network(2);
        byte[] same = TestBundle.noise(1_000_000, 7);
        network.publish(all.get(0), TestNetwork.weather("1.0.0").file("data", same));
        direct(all.get(0), "weather@1.0.0");
        awaitVersion(all, "1.0.0");
        long whole = received(all.get(1));
        assertThat(whole).isGreaterThan(1_000_000);
        network.publish(
                all.get(0),
                TestNetwork.weather("2.0.0")
                        .file("before", TestBundle.noise(5_000, 8))
                        .file("data", same));
        direct(all.get(0), "weather@2.0.0");
        awaitVersion(all, "2.0.0");
        long more = received(all.get(1)) - whole;
        System.out.printf("the first version took %,d bytes, the second %,d more%n", whole, more);
        assertThat(more).isLessThan(300_000);
    }

    /// Bytes over the connections that are open.
    private static long received(NodeProcess node) throws Exception {
        return rows(node, "p2p", "bandwidth").stream()
                .mapToLong(row -> row.getLong("bytes in"))
                .sum();
    }

    @Test
    void strangers_and_members_of_other_networks_are_refused_and_so_is_who_was_revoked() throws Exception {
        List<NodeProcess> all = network.network(3);
        NodeProcess stranger = network.node("stranger");
        NodeProcess other = network.node("other");
        other.send("network", "init", "other").ok();
        String address = address(all.get(0));

        assertThat(other.send("p2p", "connect", address).err()).contains("refuse");
        stranger.send("p2p", "connect", address);
        await().atMost(SOON)
                .until(() -> !stranger.send("p2p", "peers").ok().out().contains("12D3"));
        assertThat(all.get(0).send("p2p", "peers").ok().out())
                .doesNotContain(peer(stranger))
                .doesNotContain(peer(other));

        other.kill();
        NodeProcess again = network.node("other");
        assertThat(again.send("p2p", "connect", address(stranger)).exit()).isEqualTo(1);
        again.send("network", "leave").ok();
        assertThat(again.send("p2p", "connect", address(stranger)).ok().out()).contains("Connected to");

        String revoked = peer(all.get(2));
        all.get(0).send("network", "revoke", revoked).ok();
        for (NodeProcess node : all.subList(0, 2)) {
            await().atMost(SOON)
                    .until(() -> !node.send("p2p", "peers").ok().out().contains(revoked));
        }
        Answer answer = all.get(2).send("network", "direct", "weather", "--force");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(answer.err()).contains("may not say that");
    }
}
