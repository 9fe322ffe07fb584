package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import network.mycelium.itests.NodeProcess.Answer;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes are killed at random while directives come all the time. `-Psoak` for the long run.
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkKillIT {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 30);
    private static final int NODES = 4;
    private static final List<String> COMPONENTS = List.of("alpha", "beta", "gamma");
    private static final List<String> VERSIONS = List.of("1.0.0", "2.0.0");
    private static final List<String> COUNTS = List.of("all", "none", "1", "2");

    @TempDir
    Path temp;

    /// A directive that a node said it has.
    private record Acknowledged(long number, String version, String on) {}

    private final Map<String, Acknowledged> acknowledged = new TreeMap<>();
    private int kills;
    private int directives;

    @Test
    void no_acknowledged_directive_is_lost_and_no_component_is_left_between_states() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        var random = new Random(seed);
        try (var network = new TestNetwork(temp)) {
            NodeProcess[] nodes = new NodeProcess[NODES];
            nodes[0] = network.founder();
            for (int i = 1; i < NODES; i++) {
                nodes[i] = network.member(nodes[0], "node" + i);
            }
            network.operators(
                    List.of(nodes),
                    IntStream.range(1, NODES).mapToObj(i -> "node" + i).toArray(String[]::new));
            for (String component : COMPONENTS) {
                for (String version : VERSIONS) {
                    network.publish(
                            nodes[0],
                            TestBundle.named("test." + component, version)
                                    .component(component)
                                    .file("data", TestBundle.noise(100_000, random.nextLong())));
                }
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() < end) {
                for (int k = random.nextInt(1, 6); k > 0; k--) {
                    direct(nodes[random.nextInt(NODES)], random);
                }
                int victim = random.nextInt(NODES);
                nodes[victim].kill();
                kills++;
                for (int k = random.nextInt(3); k > 0; k--) {
                    direct(nodes[(victim + 1 + random.nextInt(NODES - 1)) % NODES], random);
                }
                nodes[victim] = network.node(victim == 0 ? "founder" : "node" + victim);
            }
            System.out.printf("%d kills, %d directives acknowledged%n", kills, directives);
            List<NodeProcess> all = List.of(nodes);
            await().atMost(SOON.multipliedBy(2)).untilAsserted(() -> assertAsDirected(all));
        } catch (AssertionError | Exception e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /// Any node may give it: all are operators.
    private void direct(NodeProcess node, Random random) throws IOException {
        String component = COMPONENTS.get(random.nextInt(COMPONENTS.size()));
        String version = VERSIONS.get(random.nextInt(VERSIONS.size()));
        String on = COUNTS.get(random.nextInt(COUNTS.size()));
        Answer answer = node.send("network", "direct", component + "@" + version, "--on", on, "--force");
        if (answer.exit() != 0) {
            // The node is on the network and not yet in it: it has acknowledged nothing.
            assertThat(answer.err()).contains("belongs to no network");
            return;
        }
        directives++;
        long number = Long.parseLong(answer.out().replaceAll("(?s).*number (\\d+)\\..*", "$1"));
        // Of two with one number, given on nodes that did not know of each other, either may hold.
        acknowledged.merge(component, new Acknowledged(number, version, on), (a, b) -> a.number() > b.number() ? a : b);
    }

    private void assertAsDirected(List<NodeProcess> all) throws IOException {
        List<JSONObject> held = rows(all.getFirst(), "network", "directives");
        for (NodeProcess node : all) {
            assertThat(rows(node, "network", "directives").toString()).isEqualTo(held.toString());
        }
        Map<String, Integer> running = new TreeMap<>();
        List<String> runs = new ArrayList<>();
        for (NodeProcess node : all) {
            for (JSONObject component : rows(node, "component", "list")) {
                assertThat(component.getString("state"))
                        .as(component.toString())
                        .isEqualTo("ACTIVE");
                running.merge(component.getString("name"), 1, Integer::sum);
                runs.add(component.getString("name") + "@" + component.getString("version"));
            }
        }
        assertThat(held).hasSameSizeAs(acknowledged.keySet());
        for (JSONObject directive : held) {
            String component = directive.getString("component");
            assertThat(directive.getLong("number"))
                    .isGreaterThanOrEqualTo(acknowledged.get(component).number());
            String version = directive.getString("versions");
            int wanted = switch (directive.getString("on")) {
                case "all" -> NODES;
                case "none" -> 0;
                default -> Integer.parseInt(directive.getString("on"));
            };
            assertThat(running.getOrDefault(component, 0)).as(component).isEqualTo(wanted);
            assertThat(runs.stream().filter(run -> run.startsWith(component + "@")))
                    .allMatch(run -> run.equals(component + "@" + version));
        }
    }
}
