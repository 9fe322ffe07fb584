package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.peer;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.itests.NodeProcess.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Members that try by commands what they may not do: one with no rights, one that takes part, and an operator who
/// wants to do alone what takes two.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInsiderShellIT {
    private static final String ESCAPE = "\u001b";

    @TempDir
    static Path temp;

    private static TestNetwork network;
    private static NodeProcess founder;
    private static NodeProcess insider;
    private static NodeProcess standard;
    private static NodeProcess operator;

    @BeforeAll
    static void make() throws Exception {
        network = new TestNetwork(temp);
        founder = network.founder();
        insider = network.member(founder, "insider", "--access", "restricted");
        standard = network.member(founder, "standard", "--access", "standard");
        operator = network.member(founder, "operator");
        network.operators(List.of(founder, operator), "operator");
        for (NodeProcess node : List.of(insider, standard, operator)) {
            await().atMost(SOON)
                    .until(() -> node.send("network", "on", "founder", "help").exit() == 0);
        }
    }

    @AfterAll
    static void close() throws Exception {
        network.close();
    }

    private static String log(NodeProcess node) throws IOException {
        return Files.readString(node.home.resolve("log/node.0.log"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'; network:invite --access full #",
                "'; felix:lb #",
                "x' ; felix:lb ; help '",
                "$(network:invite --access full)",
                "\\'; felix:lb #",
                "x\nfelix:lb",
                "{ felix:lb }"
            })
    void a_word_is_never_a_command(String word) throws Exception {
        Answer answer = insider.send("network", "on", "founder", "help", word);
        assertThat(answer.out() + answer.err())
                .doesNotContain("mycelium1-", "|Active", "Apache Felix")
                .doesNotContain("Exception");
        assertThat(founder.send("network", "audit", "--json").ok().out()).doesNotContain("invite --access full #");
    }

    @Test
    void an_innocent_word_with_a_quote_arrives_as_it_is() throws Exception {
        assertThat(operator.send("network", "on", "founder", "component", "info", "it's")
                        .err())
                .contains("it's")
                .doesNotContain("EOF");
    }

    @Test
    void an_operator_cannot_make_another_node_sign() throws Exception {
        for (String[] words : new String[][] {
            {"network invite --access full"},
            {"network", "approve", "directive", "weather"},
            {"network", "revoke", peer(insider)},
            {"network", "direct", "weather"},
            {"network", "rotate-key"},
            {"network", "leave"},
            {"network", "on", "standard", "help"},
            {"network", "order", "node restart"}
        }) {
            List<String> all = new ArrayList<>(List.of("network", "on", "founder"));
            all.addAll(List.of(words));
            Answer answer = operator.send(all.toArray(String[]::new));
            assertThat(answer.exit()).as(all.toString()).isEqualTo(1);
            assertThat(answer.err()).as(all.toString()).contains("uses the key of this node", "own shell only");
            assertThat(answer.out()).doesNotContain("mycelium1-");
        }
        assertThat(rows(founder, "network", "members"))
                .noneMatch(row -> row.getString("state").equals("revoked"));
        assertThat(operator.send("network", "on", "founder", "repo add /nowhere --unsigned")
                        .err())
                .contains("own shell only");
        assertThat(operator.send("network", "on", "founder", "felix:lb").err()).contains("own shell only");
    }

    @Test
    void an_order_cannot_make_nodes_sign() throws Exception {
        Answer refused = founder.send("network", "order", "network invite --access full");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("network:invite is given in each node's own shell only");
    }

    /// Begins a command and does not wait for its answer.
    private static SocketChannel begin(NodeProcess node, String... words) throws IOException {
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(
                Files.readString(node.home.resolve("run/control")).strip()));
        var bytes = new ByteArrayOutputStream();
        var request = new DataOutputStream(bytes);
        request.writeInt(words.length);
        for (String word : words) {
            byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
            request.writeInt(utf8.length);
            request.write(utf8);
        }
        channel.write(ByteBuffer.wrap(bytes.toByteArray()));
        return channel;
    }

    private static long follows() throws IOException {
        return log(founder)
                .lines()
                .filter(line -> line.contains("runs p2p:follow"))
                .count();
    }

    @Test
    void a_member_cannot_lock_operators_out_and_what_it_began_ends_with_it() throws Exception {
        List<SocketChannel> held = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                held.add(begin(standard, "network", "on", "founder", "p2p follow x --seconds 3600"));
            }
            await("the commands run").atMost(SOON).until(() -> follows() >= 3);
            assertThat(operator.send("network", "on", "founder", "node", "status")
                            .ok()
                            .out())
                    .contains(founder.home.toString());
        } finally {
            for (SocketChannel channel : held) {
                channel.close();
            }
        }
        await("they end with their caller")
                .atMost(SOON)
                .until(() -> founder.send("p2p", "topics").ok().out().lines().noneMatch(l -> l.startsWith("x ")));
        assertThat(standard.send("network", "on", "founder", "help").exit()).isZero();
        assertThat(founder.send("network", "audit", "--json").ok().out()).contains("cancelled: its caller went away");
    }

    @Test
    void nothing_that_comes_from_a_member_steers_a_terminal() throws Exception {
        Answer setting = insider.send("node", "config", "evil", "x=" + ESCAPE + "[2J" + ESCAPE + "]0;owned\u0007");
        assertThat(setting.exit()).isEqualTo(1);
        assertThat(setting.err()).doesNotContain(ESCAPE, "\u0007");
        Answer error = founder.send("network", "on", "insider", "component", "load", ESCAPE + "[2Jx");
        assertThat(error.err()).doesNotContain(ESCAPE);
        assertThat(log(insider)).doesNotContain(ESCAPE);
        assertThat(log(founder)).doesNotContain(ESCAPE);
    }

    @Test
    void a_secret_in_an_order_is_in_no_log_record_or_table() throws Exception {
        founder.send("network", "order", "node config test.secret password=hunter22 limit=7", "--nodes", "standard")
                .ok();
        await().atMost(SOON)
                .until(() -> standard.send("node", "config", "test.secret")
                        .ok()
                        .out()
                        .contains("7"));
        await().atMost(SOON)
                .until(() ->
                        standard.send("network", "audit", "--json").ok().out().contains("test.secret"));
        assertThat(standard.send("node", "config", "test.secret").ok().out()).doesNotContain("hunter22");
        for (NodeProcess node : List.of(founder, standard)) {
            assertThat(log(node)).doesNotContain("hunter22");
            assertThat(node.send("network", "audit").ok().out()).doesNotContain("hunter22");
            assertThat(node.send("network", "orders").ok().out())
                    .contains("test.secret")
                    .doesNotContain("hunter22");
        }
    }

    @Test
    void an_outcome_can_be_seen_after_the_deadline() throws Exception {
        String id = founder.send("network", "order", "node status", "--nodes", "standard", "--seconds", "2")
                .ok()
                .out()
                .replaceAll("(?s).*number ([0-9a-f]+)[;.].*", "$1")
                .strip();
        await("the deadline has passed")
                .atMost(SOON)
                .until(() -> !founder.send("network", "orders").ok().out().contains(id));
        // Outcomes are cleared away every five seconds.
        await().during(Duration.ofSeconds(6))
                .atMost(SOON)
                .until(() -> standard.send("network", "outcome", id).exit() == 0);
        assertThat(rows(founder, "network", "outcomes", id))
                .singleElement()
                .satisfies(row -> assertThat(row.getString("outcome")).startsWith("exit 0"));
    }

    @Test
    void what_is_on_record_is_what_was_done_and_by_whom() throws Exception {
        operator.send("network", "on", "founder", "component", "load", "greeter")
                .ok();
        operator.send("network", "on", "founder", "component", "lode", "greeter");
        founder.send("component", "unload", "greeter").ok();
        String audit = founder.send("network", "audit", "--json").ok().out();
        assertThat(audit)
                .contains("component:load greeter", peer(operator), "component:unload greeter", "done")
                .doesNotContain("lode");
    }
}
