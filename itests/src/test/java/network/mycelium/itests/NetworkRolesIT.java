package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.rows;
import static network.mycelium.itests.TestNetwork.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What members are to a network of real nodes, and what tasks take.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkRolesIT {
    @TempDir
    Path temp;

    private static Map<String, String> roles(NodeProcess node) throws Exception {
        Map<String, String> roles = new TreeMap<>();
        for (JSONObject row : rows(node, "network", "nodes")) {
            roles.put(row.getString("node"), row.getJSONArray("roles").join(",").replace("\"", ""));
        }
        return roles;
    }

    private static boolean runs(NodeProcess node, String component) throws Exception {
        return rows(node, "component", "list").stream()
                .anyMatch(row -> row.getString("name").equals(component)
                        && row.getString("state").equals("ACTIVE"));
    }

    @Test
    void a_member_that_is_promoted_loads_what_the_role_takes_before_it_has_the_role() throws Exception {
        try (var network = new TestNetwork(temp)) {
            List<NodeProcess> all = network.network(3);
            NodeProcess founder = all.getFirst();
            NodeProcess node = all.get(1);
            network.publish(founder, "1.0.0");
            network.publish(founder, TestBundle.named("test.base", "1.0.0").component("base"));
            founder.send("network", "role", "keeper", "base").ok();
            direct(founder, "weather", "--roles", "keeper", "--force");

            long begin = System.nanoTime();
            founder.send("network", "promote", "node1", "keeper").ok();
            await().atMost(SOON)
                    .until(() -> "hypha,keeper".equals(roles(all.get(2)).get("node1")));
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf("promoted, with what it takes, after %.1f s%n", seconds);
            assertThat(runs(node, "base")).isTrue();
            await().atMost(SOON).until(() -> versions(node).contains("1.0.0"));
            assertThat(runs(founder, "base")).isFalse();
            assertThat(versions(all.get(2))).isEmpty();

            // What it takes cannot be had: the role is not taken, and nobody believes it is.
            founder.send("network", "role", "ghost", "nothing-of-the-sort").ok();
            founder.send("network", "promote", "node1", "ghost").ok();
            await().atMost(SOON).until(() -> node.send("node", "health").err().contains("nothing-of-the-sort"));
            assertThat(roles(founder).get("node1")).isEqualTo("hypha,keeper");

            founder.send("network", "demote", "node1", "keeper").ok();
            await().atMost(SOON).until(() -> versions(node).isEmpty() && !runs(node, "base"));
            assertThat(roles(founder).get("node1")).isEqualTo("hypha");
        }
    }

    @Test
    void a_rule_gives_a_role_to_who_meets_it_and_a_task_loads_what_it_takes() throws Exception {
        try (var network = new TestNetwork(temp)) {
            NodeProcess founder = network.founder();
            NodeProcess reader = network.member(founder, "reader", "--access", "read-only");
            NodeProcess standard = network.member(founder, "standard");
            network.publish(founder, "1.0.0");
            founder.send("network", "role", "worker", "--auto", "--processors", "1", "--access", "standard")
                    .ok();
            founder.send("network", "role", "giant", "--auto", "--memory", "100000000")
                    .ok();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(roles(founder))
                            .containsEntry("founder", "sclerotium,worker")
                            .containsEntry("standard", "hypha,worker")
                            .containsEntry("reader", "hypha"));

            founder.send("network", "task", "forecast", "weather@[1,2)").ok();
            await().atMost(SOON)
                    .until(() -> standard.send("network", "tasks").ok().out().contains("forecast"));
            await().atMost(SOON)
                    .until(() -> !rows(standard, "repo", "search", "weather").isEmpty());
            standard.send("network", "begin", "forecast").ok();
            assertThat(versions(standard)).containsExactly("1.0.0");
            assertThat(standard.send("component", "why", "weather").ok().out()).contains("task forecast");
            standard.send("network", "end", "forecast").ok();
            assertThat(standard.send("network", "begin", "dancing").err()).contains("knows no task dancing");
            assertThat(reader.send("network", "task", "forecast", "base").err()).contains("may not say that");
        }
    }
}
