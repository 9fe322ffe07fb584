package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
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
import java.util.Map;
import java.util.TreeMap;
import network.mycelium.itests.NodeProcess.Answer;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Commands on other nodes, orders for many, and who may do what, among real nodes.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkOrdersIT {
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

    private static String order(NodeProcess by, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("network", "order"));
        all.addAll(List.of(words));
        String told = by.send(all.toArray(String[]::new)).ok().out();
        return told.replaceAll("(?s).*number ([0-9a-f]+)[;.].*", "$1").strip();
    }

    /// How it ended, by node.
    private static Map<String, String> outcomes(NodeProcess by, String order) throws Exception {
        Map<String, String> outcomes = new TreeMap<>();
        for (JSONObject row : rows(by, "network", "outcomes", order)) {
            outcomes.put(row.getString("node"), row.getString("outcome").split("( at |: )")[0]);
        }
        return outcomes;
    }

    @Test
    void an_order_is_done_once_by_each_that_it_is_for_and_by_who_was_away() throws Exception {
        List<NodeProcess> all = network.network(3);
        all.get(2).kill();

        String id = order(all.get(0), "node config test.orders limit=7");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(outcomes(all.get(0), id))
                        .containsEntry("founder", "exit 0")
                        .containsEntry("node1", "exit 0")
                        .containsEntry("node2", "not reached"));
        assertThat(all.get(1).send("node", "config", "test.orders").ok().out()).contains("limit", "7");

        NodeProcess back = network.node("node2");
        await().atMost(SOON)
                .until(() ->
                        back.send("node", "config", "test.orders").ok().out().contains("7"));
        back.send("node", "config", "test.orders", "limit=8").ok();
        all.get(1).send("node", "config", "test.orders", "limit=8").ok();
        String later = order(all.get(0), "node status", "--nodes", "node2");
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(outcomes(all.get(0), later)).containsExactly(Map.entry("node2", "exit 0")));
        // The order is two orders old, and was not done again, after a restart neither.
        assertThat(back.send("node", "config", "test.orders").ok().out()).contains("8");
        back.kill();
        NodeProcess again = network.node("node2");
        await().atMost(SOON)
                .until(() -> again.send("network", "outcome", id).out().contains("exit 0"));
        assertThat(again.send("node", "config", "test.orders").ok().out()).contains("8");
        assertThat(again.send("network", "audit", "--json").ok().out()).contains("order", "limit=7");

        String wrong = order(all.get(0), "component load nothing-of-the-sort", "--nodes", "node1");
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(outcomes(all.get(0), wrong)).containsExactly(Map.entry("node1", "exit 1")));
        assertThat(rows(all.get(0), "network", "outcomes", wrong).getFirst().getString("output"))
                .contains("nothing-of-the-sort");
        String restart = order(all.get(0), "node restart", "--nodes", "node1");
        long pid = all.get(1).pid();
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(outcomes(all.get(0), restart)).containsExactly(Map.entry("node1", "exit 0")));
        await().atMost(SOON).ignoreExceptions().until(() -> all.get(1).output().split("ready in", -1).length == 3);
        assertThat(ProcessHandle.of(pid)).isPresent();

        // It waits until the node has taken its place in the network.
        Answer refused = all.get(1).send("network", "order", "node stop");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("may not say that");
    }

    @Test
    void what_a_member_may_do_on_another_node_its_certificate_says() throws Exception {
        NodeProcess founder = network.founder();
        network.publish(founder, "1.0.0");
        NodeProcess reader = network.member(founder, "reader", "--access", "read-only");
        NodeProcess standard = network.member(founder, "standard", "--access", "standard");

        assertThat(founder.send("network", "on", "reader", "node", "status")
                        .ok()
                        .out())
                .contains(reader.home.toString());
        assertThat(reader.send("network", "on", "founder", "component", "list").exit())
                .isZero();
        Answer loading = reader.send("network", "on", "founder", "component", "load", "weather");
        assertThat(loading.exit()).isEqualTo(1);
        assertThat(loading.err()).contains("read-only access", "component:load takes standard");
        assertThat(versions(founder)).isEmpty();

        // Whoever only takes part does not run the others' nodes.
        assertThat(standard.send("network", "on", "founder", "component", "load", "weather")
                        .err())
                .contains("component:load takes standard");
        await("the index of the network at the member")
                .atMost(SOON)
                .until(() -> !rows(standard, "repo", "search", "weather").isEmpty());
        founder.send("network", "on", "standard", "component", "load", "weather")
                .ok();
        assertThat(versions(standard)).containsExactly("1.0.0");
        assertThat(standard.send("network", "on", "founder", "node", "stop").err())
                .contains("node:stop takes full");
        // Below the commands lies all that there is, and none of it is for others.
        assertThat(standard.send("network", "on", "founder", "felix:stop 1").err())
                .contains("takes full");
        assertThat(standard.send("network", "on", "founder", "component:list; felix:stop", "1")
                        .exit())
                .isEqualTo(64);
        assertThat(standard.send("network", "audit", "--json").ok().out())
                .contains("component:load", "founder", peer(founder));
        assertThat(reader.send("network", "on", "nobody", "node", "status").err())
                .contains("There is no member nobody");
    }

    @Test
    void a_node_in_maintenance_hands_over_and_bundles_outlive_who_published_them() throws Exception {
        List<NodeProcess> all = network.network(4);
        network.publish(all.get(0), "1.0.0");
        direct(all.get(0), "weather", "--on", "1");
        await().atMost(SOON).until(() -> running(all) == 1);
        NodeProcess busy = null;
        for (NodeProcess node : all) {
            busy = versions(node).isEmpty() ? busy : node;
        }
        NodeProcess resting = busy;

        order(all.get(0), "node maintenance 10", "--nodes", peer(resting));
        await().atMost(SOON).until(() -> versions(resting).isEmpty() && running(all) == 1);
        assertThat(all.get(1).send("network", "nodes").ok().out()).containsPattern("20\\d\\d-");
        network.publish(all.get(0), "2.0.0");
        direct(all.get(0), "weather@2.0.0");
        List<NodeProcess> others = new ArrayList<>(all);
        others.remove(resting);
        awaitVersion(others, "2.0.0");
        assertThat(versions(resting)).isEmpty();
        resting.send("node", "maintenance", "off").ok();
        awaitVersion(all, "2.0.0");

        // Two of four nodes keep each bundle, whether they run it or not: one third of them may vanish.
        network.publish(
                all.get(0),
                TestBundle.named("test.spare", "1.0.0").component("spare").file("data", TestBundle.noise(300_000, 5)));
        List<NodeProcess> left = all.subList(1, 4);
        await().atMost(SOON).until(() -> copies(left, 300_000) >= 1);
        all.get(0).kill();
        for (NodeProcess node : left) {
            node.send("component", "load", "spare").ok();
        }
    }

    private static long copies(List<NodeProcess> all, long size) throws Exception {
        long copies = 0;
        for (NodeProcess node : all) {
            try (var files = java.nio.file.Files.walk(node.home.resolve("cache"))) {
                copies += files.filter(file ->
                                file.toFile().length() > size && file.toFile().length() < 2 * size)
                        .count();
            }
        }
        return copies;
    }
}
