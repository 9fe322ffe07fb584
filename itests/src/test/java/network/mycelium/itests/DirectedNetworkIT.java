package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.itests.NodeProcess.Answer;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Networks of real nodes, each a process: they join, are directed, load from each other, and lose members to SIGKILL.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DirectedNetworkIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path temp;

    private String publisher;
    private final List<NodeProcess> nodes = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (NodeProcess node : nodes) {
            node.close();
        }
    }

    private NodeProcess node(String name) throws Exception {
        NodeProcess node = NodeProcess.start(temp.resolve(name));
        nodes.add(node);
        // The commands come when the node is on the network.
        await().atMost(SOON).until(() -> node.send("network", "members").exit() == 0);
        return node;
    }

    private static void direct(NodeProcess node, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("network", "direct"));
        all.addAll(List.of(words));
        node.send(all.toArray(String[]::new)).ok();
    }

    private NodeProcess member(NodeProcess inviter, String name) throws Exception {
        NodeProcess node = node(name);
        String ticket = inviter.send("network", "invite").ok().out().strip();
        node.send("network", "join", ticket, "--name", name).ok();
        return node;
    }

    private List<NodeProcess> network(int size) throws Exception {
        NodeProcess founder = node("founder");
        founder.send("network", "init", "test").ok();
        List<NodeProcess> all = new ArrayList<>(List.of(founder));
        for (int i = 1; i < size; i++) {
            all.add(member(founder, "node" + i));
        }
        return all;
    }

    /// Publishes a component of a megabyte on one node, for the whole network.
    private void publish(NodeProcess node, String version) throws Exception {
        publish(
                node,
                TestBundle.named("test.weather", version)
                        .component("weather")
                        .file("data", TestBundle.noise(1_000_000, version.hashCode())));
    }

    private void publish(NodeProcess node, TestBundle bundle) throws Exception {
        Path key = temp.resolve("publisher.pem");
        Path repository = temp.resolve("repository");
        if (!key.toFile().exists()) {
            publisher = Stream.of(node.send("repo", "keygen", key.toString())
                            .ok()
                            .out()
                            .split("\\s+"))
                    .filter(word -> word.startsWith("ed25519:"))
                    .findFirst()
                    .orElseThrow();
        }
        Path jar = bundle.write(temp);
        node.send("repo", "publish", repository.toString(), jar.toString(), "--key", key.toString())
                .ok();
        node.send("network", "publish", repository.toString(), publisher).ok();
    }

    private static List<String> versions(NodeProcess node) throws Exception {
        List<String> versions = new ArrayList<>();
        for (Object o :
                new JSONArray(node.send("component", "list", "--json").ok().out())) {
            JSONObject component = (JSONObject) o;
            if (component.getString("name").equals("weather")
                    && component.getString("state").equals("ACTIVE")) {
                versions.add(component.getString("version"));
            }
        }
        return versions;
    }

    private static void awaitVersion(List<NodeProcess> all, String... versions) {
        for (NodeProcess node : all) {
            await().atMost(SOON).untilAsserted(() -> assertThat(versions(node)).containsExactly(versions));
        }
    }

    private static long running(List<NodeProcess> all) throws Exception {
        long count = 0;
        for (NodeProcess node : all) {
            count += versions(node).isEmpty() ? 0 : 1;
        }
        return count;
    }

    @Test
    void a_directive_given_on_one_node_is_done_by_all_with_bundles_from_each_other() throws Exception {
        List<NodeProcess> all = network(4);
        publish(all.get(0), "1.0.0");
        long begin = System.nanoTime();
        direct(all.get(0), "weather");
        awaitVersion(all, "1.0.0");
        System.out.printf("directive to running on 4 nodes: %.1f s%n", (System.nanoTime() - begin) / 1e9);
        assertThat(all.get(3).send("component", "why", "weather").ok().out()).contains("network directive");

        publish(all.get(0), "2.0.0");
        direct(all.get(0), "weather@2.0.0");
        awaitVersion(all, "2.0.0");

        String status = all.get(2).send("network", "status").ok().out();
        assertThat(status).contains("2.0.0", "founder", "node1", "node2", "node3");

        direct(all.get(0), "weather", "--on", "none");
        awaitVersion(all);
    }

    @Test
    void a_share_of_a_node_that_dies_is_taken_over_and_a_node_alone_runs_what_it_should() throws Exception {
        List<NodeProcess> all = network(4);
        publish(all.get(0), "1.0.0");
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
        assertThat(seconds).isLessThan(8);

        direct(all.get(0), "weather");
        awaitVersion(left, "1.0.0");
        for (NodeProcess node : all) {
            node.kill();
        }
        begin = System.nanoTime();
        NodeProcess alone = NodeProcess.start(left.getLast().home);
        nodes.add(alone);
        awaitVersion(List.of(alone), "1.0.0");
        System.out.printf("alone again after %.1f s%n", (System.nanoTime() - begin) / 1e9);
    }

    @Test
    void a_version_goes_out_in_waves_and_a_bad_one_is_rolled_back_everywhere_by_itself() throws Exception {
        List<NodeProcess> all = network(4);
        publish(all.get(0), "1.0.0");
        direct(all.get(0), "weather@1.0.0");
        awaitVersion(all, "1.0.0");
        publish(
                all.get(0),
                TestBundle.named("test.weather", "2.0.0")
                        .component("weather")
                        .activator("throw new IllegalStateException(\"broken\");", ""));

        direct(all.get(0), "weather@2.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "1");
        await().atMost(SOON)
                .until(() -> all.get(1).send("network", "status").ok().out().contains("halted"));
        assertThat(all.get(1).send("network", "status", "--json").ok().out()).contains("rejected: ", "broken");
        awaitVersion(all, "1.0.0");

        publish(all.get(0), "3.0.0");
        direct(all.get(0), "weather@3.0.0", "--from", "1.0.0", "--canaries", "1", "--wave", "50", "--window", "1");
        awaitVersion(all, "3.0.0");

        all.get(0).send("network", "rollback", "weather").ok();
        awaitVersion(all, "1.0.0");
    }

    @Test
    void strangers_and_members_of_other_networks_are_refused_and_so_is_who_was_revoked() throws Exception {
        List<NodeProcess> all = network(3);
        NodeProcess stranger = node("stranger");
        NodeProcess other = node("other");
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
        NodeProcess again = node("other");
        assertThat(again.send("p2p", "connect", address(stranger)).exit()).isEqualTo(1);
        again.send("network", "leave").ok();
        assertThat(again.send("p2p", "connect", address(stranger)).ok().out()).contains("Connected to");

        String revoked = peer(all.get(2));
        all.get(0).send("network", "revoke", revoked).ok();
        for (NodeProcess node : all.subList(0, 2)) {
            await().atMost(SOON)
                    .until(() -> !node.send("p2p", "peers").ok().out().contains(revoked));
        }
        Answer answer = all.get(2).send("network", "direct", "weather");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(answer.err()).contains("cannot say that");
    }

    private static String address(NodeProcess node) throws Exception {
        return node.send("p2p", "addresses")
                .ok()
                .out()
                .lines()
                .filter(line -> line.startsWith("/ip4/127.0.0.1/"))
                .findFirst()
                .orElseThrow()
                .strip();
    }

    private static String peer(NodeProcess node) throws Exception {
        String address = address(node);
        return address.substring(address.lastIndexOf('/') + 1);
    }
}
