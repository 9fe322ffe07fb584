package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.awaitVersion;
import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.peer;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real nodes get other keys while their network goes on.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeyRotationIT {
    @TempDir
    Path temp;

    private static JSONObject member(NodeProcess at, String name) throws Exception {
        return rows(at, "network", "members").stream()
                .filter(row -> row.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// @return the peer id that the node had before
    private static String rotate(NodeProcess node, String... code) throws Exception {
        String old = peer(node);
        List<String> words = new ArrayList<>(List.of("network", "rotate-key"));
        words.addAll(List.of(code));
        String said = node.send(words.toArray(String[]::new)).ok().out();
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> !peer(node).equals(old)
                        && node.send("network", "members").exit() == 0);
        assertThat(said).contains(peer(node));
        return old;
    }

    @Test
    void founder_and_members_go_on_under_other_keys_and_one_that_lost_its_key_comes_back() throws Exception {
        try (var network = new TestNetwork(temp)) {
            List<NodeProcess> all = network.network(3);
            NodeProcess founder = all.getFirst();
            network.publish(founder, "1.0.0");
            founder.send("network", "role", "keeper", "weather").ok();
            founder.send("network", "promote", "node1", "keeper").ok();
            awaitVersion(List.of(all.get(1)), "1.0.0");

            String first = rotate(all.get(1));
            String before = rotate(founder, "--code", network.codes());
            for (NodeProcess node : all) {
                await().atMost(SOON).untilAsserted(() -> {
                    assertThat(member(node, "node1").getJSONArray("former keys").toList())
                            .containsExactly(first);
                    assertThat(member(node, "founder")
                                    .getJSONArray("former keys")
                                    .toList())
                            .containsExactly(before);
                });
            }
            // What was decided of the old key goes for the new one, and the founder directs as before.
            awaitVersion(List.of(all.get(1)), "1.0.0");
            direct(founder, "weather");
            awaitVersion(all, "1.0.0");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(rows(all.get(2), "network", "nodes"))
                            .hasSize(3)
                            .allMatch(row -> row.getBoolean("alive")));

            all.get(2).kill();
            NodeProcess anew = network.node("anew");
            founder.send("network", "recover", "node2", peer(anew)).ok();
            network.join(founder, anew, "whatever");
            assertThat(member(anew, "node2").getString("peer")).isEqualTo(peer(anew));
            awaitVersion(List.of(anew), "1.0.0");
            assertThat(founder.send("network", "audit").ok().out()).contains("rotate", "recover", "again");
        }
    }
}
