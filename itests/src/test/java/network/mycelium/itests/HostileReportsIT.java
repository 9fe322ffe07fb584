package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.awaitVersion;
import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.rows;
import static network.mycelium.itests.TestNetwork.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.itests.NodeProcess.Answer;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A network with a member that tells of itself whatever the test wants, and versions that kill their nodes.
/// What the honest nodes run must depend on themselves alone.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileReportsIT {
    /// The honest nodes, and not the liar.
    private static final String[] HONEST = {"--roles", "sclerotium,hypha"};

    @TempDir
    static Path temp;

    private TestNetwork network;
    private List<NodeProcess> honest;
    private NodeProcess liar;
    private Path lies;

    @BeforeAll
    void make() throws Exception {
        network = new TestNetwork(temp);
        honest = new ArrayList<>(network.network(3));
        liar = network.member(honest.getFirst(), "liar", "--roles", "liar");
        lies = temp.resolve("lies");
        liar.use(hostile(lies).write(temp), temp.resolve("hostile"));
        liar.send("component", "load", "hostile").ok();
        network.publish(honest.getFirst(), "1.0.0");
        direct(honest.getFirst(), "weather@1.0.0");
        awaitVersion(honest, "1.0.0");
    }

    @AfterAll
    void close() throws Exception {
        network.close();
    }

    /// Reports what is in a file, in the place of the director.
    private static TestBundle hostile(Path lies) {
        return TestBundle.named("test.hostile", "1.0.0")
                .component("hostile")
                .add("Import-Package", "network.mycelium.identity")
                .activator("""
                        for (org.osgi.framework.Bundle b : context.getBundles()) {
                            if (b.getSymbolicName().equals("network.mycelium.component.director")) { b.stop(); }
                        }
                        var presence = context.getService(
                                context.getServiceReference(network.mycelium.identity.Presence.class));
                        var file = java.nio.file.Path.of("%s");
                        Thread liar = new Thread(() -> {
                            byte[] told = {};
                            while (true) {
                                try {
                                    Thread.sleep(100);
                                    byte[] lie = java.nio.file.Files.readAllBytes(file);
                                    if (!java.util.Arrays.equals(lie, told)) { presence.report(lie); told = lie; }
                                } catch (java.io.IOException e) {
                                    continue;
                                } catch (InterruptedException e) {
                                    return;
                                }
                            }
                        });
                        liar.setDaemon(true);
                        liar.start();""".formatted(lies), "");
    }

    private void lie(String... running) throws Exception {
        var report = new ProtoWriter();
        var entry = new ProtoWriter();
        for (int i = 0; i < running.length; i++) {
            entry.text(i % 4 + 1, running[i]);
            if (i % 4 == 3) {
                report.message(1, entry);
                entry = new ProtoWriter();
            }
        }
        Path fresh = temp.resolve("lies.new");
        Files.write(fresh, report.toBytes());
        Files.move(fresh, lies, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private void rollOut(String version, String from, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("weather@" + version, "--from", from));
        words.addAll(List.of(more));
        direct(honest.getFirst(), words.toArray(String[]::new));
    }

    private static JSONObject directive(NodeProcess node) throws Exception {
        return rows(node, "network", "directives").getFirst();
    }

    @Test
    @Order(1)
    void a_report_that_makes_no_sense_stops_no_directive_and_is_told() throws Exception {
        lie("weather", "x y z", "ACTIVE", "", "wea ther", "\u001b[31m", "ACTIVE", "");
        network.publish(honest.getFirst(), "2.0.0");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(rows(honest.get(1), "network", "nodes"))
                        .anyMatch(row -> row.getString("node").equals("liar") && row.getBoolean("alive")));
        rollOut("2.0.0", "1.0.0", "--canaries", "2", "--wave", "100", "--window", "1", "--failures", "1");
        awaitVersion(honest, "2.0.0");
        String nodes = honest.get(1).send("network", "nodes").ok().out();
        assertThat(nodes).contains("x y z").doesNotContain("\u001b[31m");
        honest.get(1).send("node", "health").ok();
    }

    @Test
    @Order(2)
    void what_a_bystander_says_halts_nothing() throws Exception {
        network.publish(honest.getFirst(), "3.0.0");
        long number = directive(honest.getFirst()).getLong("number") + 1;
        lie(
                "weather",
                Long.toString(number),
                "HALTED",
                "so I say",
                "weather",
                Long.toString(number),
                "REJECTED",
                "so I say");
        List<String> words = new ArrayList<>(List.of("--canaries", "1", "--wave", "50", "--window", "2"));
        words.addAll(List.of(HONEST));
        rollOut("3.0.0", "2.0.0", words.toArray(String[]::new));
        assertThat(directive(honest.getFirst()).getLong("number")).isEqualTo(number);
        awaitVersion(honest, "3.0.0");
        assertThat(honest.get(2).send("network", "status", "--json").ok().out()).doesNotContain("not heard");
    }

    @Test
    @Order(3)
    void what_makes_no_sense_or_does_nothing_is_refused_before_it_is_signed() throws Exception {
        NodeProcess founder = honest.getFirst();
        long number = directive(founder).getLong("number");
        refused("NAME@[1.2,2)", "weather@[1");
        refused("No index lists weather@9.0.0; of weather there are: 1.0.0, 2.0.0, 3.0.0", "weather@9.0.0");
        refused("No index lists wether; there are: ", "wether");
        refused("none has the role nosuchrole; there are: hypha, liar, sclerotium", "weather", "--roles", "nosuchrole");
        refused("Nobody runs weather@1.0.0; there run: 3.0.0 on 3", "weather@3.0.0", "--from", "1.0.0");
        refused("such as [1.2,2)", "weather@3.0.0", "--from", "x y z");
        assertThat(founder.send("network", "role", "keeper", "weather@[1").err())
                .contains("such as [1.2,2)");
        assertThat(directive(founder).getLong("number")).isEqualTo(number);
        awaitVersion(honest, "3.0.0");

        direct(founder, "tuner", "--force");
        await().atMost(SOON)
                .until(() ->
                        honest.get(1).send("network", "directives").ok().out().contains("tuner"));
        assertThat(rows(honest.get(1), "network", "directives").getFirst().getString("signed"))
                .startsWith("20");
        founder.send("network", "undirect", "tuner").ok();
        await().atMost(SOON)
                .until(() ->
                        !honest.get(1).send("network", "directives").ok().out().contains("tuner"));
        assertThat(founder.send("network", "undirect", "tuner").err()).contains("Nothing is directed about tuner");
        founder.send("node", "health").ok();
    }

    private void refused(String why, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("network", "direct"));
        all.addAll(List.of(words));
        Answer answer = honest.getFirst().send(all.toArray(String[]::new));
        assertThat(answer.exit()).as(answer.out()).isNotZero();
        assertThat(answer.err()).contains(why);
    }

    @Test
    @Order(4)
    void a_version_that_kills_its_node_stops_after_the_first_and_is_remembered_over_restarts() throws Exception {
        Path armed = Files.createFile(temp.resolve("armed"));
        network.publish(honest.getFirst(), TestNetwork.weather("4.0.0").activator("""
                var armed = java.nio.file.Path.of("%s");
                Thread killer = new Thread(() -> {
                    try {
                        Thread.sleep(1000);
                    } catch (InterruptedException e) {
                        return;
                    }
                    if (java.nio.file.Files.exists(armed)) { Runtime.getRuntime().halt(9); }
                });
                killer.setDaemon(true);
                killer.start();""".formatted(armed), ""));
        List<String> words = new ArrayList<>(List.of("--canaries", "1", "--wave", "100", "--window", "30"));
        words.addAll(List.of(HONEST));
        rollOut("4.0.0", "3.0.0", words.toArray(String[]::new));
        await().atMost(SOON).until(() -> honest.stream().anyMatch(node -> !node.isAlive()));
        NodeProcess dead =
                honest.stream().filter(node -> !node.isAlive()).findFirst().orElseThrow();
        List<NodeProcess> left = new ArrayList<>(honest);
        left.remove(dead);
        // For as long as another node took to become the next to go first.
        await().during(Duration.ofSeconds(8))
                .atMost(Duration.ofSeconds(12))
                .until(() -> left.stream().allMatch(NodeProcess::isAlive));
        for (NodeProcess node : left) {
            await().atMost(SOON)
                    .until(() ->
                            directive(node).getString("not followed").contains("fell silent while it was its turn"));
        }
        awaitVersion(left, "3.0.0");

        Files.delete(armed);
        NodeProcess back = network.add(NodeProcess.start(dead.home));
        List<NodeProcess> all = new ArrayList<>(left);
        all.add(back);
        for (NodeProcess node : left) {
            await().atMost(SOON)
                    .until(() -> directive(node).getString("not followed").startsWith("halted: "));
        }
        assertThat(back.send("network", "status", "--json").ok().out())
                .contains("rejected: the node ended within the window after it took 4.0.0");
        awaitVersion(all, "3.0.0");

        NodeProcess other = left.getLast();
        other.kill();
        NodeProcess again = network.add(NodeProcess.start(other.home));
        await().atMost(SOON)
                .until(() -> directive(again).getString("not followed").startsWith("halted: "));
        assertThat(versions(again)).containsExactly("3.0.0");
    }
}
