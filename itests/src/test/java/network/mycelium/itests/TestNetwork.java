package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.json.JSONArray;
import org.json.JSONObject;

/// A network of real nodes, each a process, and what tests do with one: make it, publish for it, direct it, look
/// at it.
final class TestNetwork implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(30);

    private final Path temp;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private String publisher;

    TestNetwork(Path temp) {
        this.temp = temp;
    }

    @Override
    public void close() throws Exception {
        for (NodeProcess node : nodes) {
            node.close();
        }
    }

    /// Boots a node, or boots it again.
    NodeProcess node(String name) throws Exception {
        Path home = temp.resolve(name);
        configure(home, "network.mycelium.repository.peers", "settle.seconds = 1");
        configure(home, "network.mycelium.component.director", "patience.seconds = 3");
        return add(NodeProcess.start(home));
    }

    private static void configure(Path home, String pid, String setting) throws IOException {
        Path config = home.resolve("config").resolve(pid + ".conf");
        if (!Files.exists(config)) {
            Files.createDirectories(config.getParent());
            Files.writeString(config, setting + "\n");
        }
    }

    /// Has a node that was started otherwise looked after.
    NodeProcess add(NodeProcess node) {
        nodes.add(node);
        // The commands come when the node is on the network.
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> node.send("network", "members").exit() == 0);
        return node;
    }

    NodeProcess founder() throws Exception {
        NodeProcess founder = node("founder");
        init(founder);
        return founder;
    }

    /// Makes the network on a node; its recovery codes lie in [#codes].
    void init(NodeProcess founder) throws Exception {
        founder.send("network", "init", "test", "--recovery-file", codes()).ok();
    }

    /// The file with the recovery codes.
    String codes() {
        return temp.resolve("codes").toString();
    }

    /// Makes members operators, each of whom directs the network alone.
    ///
    /// @param names of the others
    void operators(List<NodeProcess> all, String... names) throws Exception {
        for (int i = 0; i < names.length; i++) {
            amend(all.subList(0, i + 2), "add", names[i]);
        }
        amend(all, "rule", "*", "1");
        amend(all, "rule", "order", "1");
    }

    /// Changes the charter by the first node and the codes; the others sign while it lacks signatures, and all
    /// follow it then.
    void amend(List<NodeProcess> all, String... change) throws Exception {
        List<String> words = new ArrayList<>(List.of("network", "charter"));
        words.addAll(List.of(change));
        List<String> withCodes = new ArrayList<>(words);
        withCodes.addAll(List.of("--code", codes()));
        NodeProcess.Answer answer = all.getFirst().send(withCodes.toArray(String[]::new));
        if (answer.err().contains("None of the codes")) {
            // Operators took their places.
            answer = all.getFirst().send(words.toArray(String[]::new));
        }
        String said = answer.ok().out();
        for (int i = 1; i < all.size() && said.contains("lacks"); i++) {
            String hash = said.replaceAll("(?s).*network charter sign ([0-9a-f]+).*", "$1");
            NodeProcess next = all.get(i);
            await().atMost(SOON)
                    .until(() ->
                            next.send("network", "charter", "log").ok().out().contains(hash));
            said = next.send("network", "charter", "sign", hash).ok().out();
        }
        assertThat(said).contains("holds now");
        String hash = said.replaceAll("(?s).*Charter \\d+ \\(([0-9a-f]+)\\).*", "$1");
        for (NodeProcess node : all) {
            await().atMost(SOON)
                    .until(() -> node.send("network", "charter").ok().out().contains(hash));
        }
    }

    NodeProcess member(NodeProcess inviter, String name, String... invitation) throws Exception {
        return join(inviter, node(name), name, invitation);
    }

    NodeProcess join(NodeProcess inviter, NodeProcess node, String name, String... invitation) throws Exception {
        List<String> invite = new ArrayList<>(List.of("network", "invite"));
        invite.addAll(List.of(invitation));
        String ticket = inviter.send(invite.toArray(String[]::new)).ok().out().strip();
        node.send("network", "join", ticket, "--name", name).ok();
        return node;
    }

    /// A founder, `node1`, `node2` …
    List<NodeProcess> network(int size) throws Exception {
        NodeProcess founder = founder();
        List<NodeProcess> all = new ArrayList<>(List.of(founder));
        for (int i = 1; i < size; i++) {
            all.add(member(founder, "node" + i));
        }
        return all;
    }

    /// Publishes the component `weather`, of a megabyte, on one node for the whole network.
    void publish(NodeProcess node, String version) throws Exception {
        publish(node, weather(version).file("data", TestBundle.noise(1_000_000, version.hashCode())));
    }

    static TestBundle weather(String version) {
        return TestBundle.named("test.weather", version).component("weather");
    }

    void publish(NodeProcess node, TestBundle bundle) throws Exception {
        publish(node, bundle.write(temp));
    }

    void publish(NodeProcess node, Path jar) throws Exception {
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
        node.send("repo", "publish", repository.toString(), jar.toString(), "--key", key.toString())
                .ok();
        node.send("network", "publish", repository.toString(), publisher).ok();
    }

    static void direct(NodeProcess node, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("network", "direct"));
        all.addAll(List.of(words));
        node.send(all.toArray(String[]::new)).ok();
    }

    /// The versions of `weather` that a node runs.
    static List<String> versions(NodeProcess node) throws IOException {
        List<String> versions = new ArrayList<>();
        for (JSONObject component : rows(node, "component", "list")) {
            if (component.getString("name").equals("weather")
                    && component.getString("state").equals("ACTIVE")) {
                versions.add(component.getString("version"));
            }
        }
        return versions;
    }

    /// The table that a command prints.
    static List<JSONObject> rows(NodeProcess node, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of(command));
        words.add("--json");
        List<JSONObject> rows = new ArrayList<>();
        new JSONArray(node.send(words.toArray(String[]::new)).ok().out()).forEach(row -> rows.add((JSONObject) row));
        return rows;
    }

    static void awaitVersion(List<NodeProcess> all, String... versions) {
        for (NodeProcess node : all) {
            await().atMost(SOON).untilAsserted(() -> assertThat(versions(node)).containsExactly(versions));
        }
    }

    /// How many run `weather`.
    static long running(List<NodeProcess> all) throws IOException {
        long count = 0;
        for (NodeProcess node : all) {
            count += versions(node).isEmpty() ? 0 : 1;
        }
        return count;
    }

    static String address(NodeProcess node) throws IOException {
        return node.send("p2p", "addresses")
                .ok()
                .out()
                .lines()
                .filter(line -> line.startsWith("/ip4/127.0.0.1/"))
                .findFirst()
                .orElseThrow()
                .strip();
    }

    static String peer(NodeProcess node) throws IOException {
        String address = address(node);
        return address.substring(address.lastIndexOf('/') + 1);
    }
}
