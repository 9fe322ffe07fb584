package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.address;
import static network.mycelium.itests.TestNetwork.direct;
import static network.mycelium.itests.TestNetwork.peer;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who speaks for a network, on nodes of the distribution: a charter signed away from the network, and a lone founder
/// whose machine is lost.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CharterIT {
    @TempDir
    Path temp;

    private TestNetwork network;

    @BeforeEach
    void begin() {
        network = new TestNetwork(temp);
    }

    @AfterEach
    void close() throws Exception {
        network.close();
    }

    /// `mycelium sign`, on a machine where no node runs.
    private static String signAway(String... words) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Core.dist().resolve("mycelium").toString(), "sign"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Test
    void a_charter_is_signed_by_a_code_where_no_node_runs() throws Exception {
        NodeProcess founder = network.founder();
        String exported = temp.resolve("exported").toString();
        Path code = Files.writeString(
                temp.resolve("code"),
                Files.readAllLines(Path.of(network.codes())).getFirst());
        assertThat(founder.send("network", "charter", "rule", "directive", "1")
                        .ok()
                        .out())
                .contains("lacks 1 signatures");
        String hash = rows(founder, "network", "charter", "log").stream()
                .filter(row -> !row.getString("state").equals("holds"))
                .map(row -> row.getString("hash"))
                .findFirst()
                .orElseThrow();
        founder.send("network", "charter", "export", hash, exported).ok();
        founder.kill();

        assertThat(signAway(exported)).contains("founder ", "directive: 1");
        signAway(exported, "--code", code.toString());

        NodeProcess again = network.node("founder");
        assertThat(again.send("network", "charter", "import", exported).ok().out())
                .contains("holds now");
        assertThat(again.send("network", "charter", "import", code.toString()).err())
                .contains("not exported");
        assertThat(again.send("network", "charter").ok().out()).contains("directive: 1");
    }

    @Test
    void a_founder_whose_machine_is_lost_comes_back_by_its_codes() throws Exception {
        NodeProcess founder = network.founder();
        NodeProcess member = network.member(founder, "member");
        direct(founder, "greeter");
        await().atMost(SOON).until(() -> loaded(member, "greeter"));
        String lost = peer(founder);
        String genesis = temp.resolve("genesis").toString();
        founder.send("network", "genesis", genesis).ok();
        founder.kill();

        NodeProcess anew = network.node("anew");
        List<String> codes = Files.readAllLines(Path.of(network.codes()));
        Path one = Files.writeString(temp.resolve("one"), codes.getFirst());
        assertThat(recover(anew, genesis, member, one).exit()).isNotZero();
        recover(anew, genesis, member, Path.of(network.codes())).ok();
        await().atMost(SOON).until(() -> loaded(anew, "greeter"));
        anew.send("network", "charter", "remove", lost, "--keep", "all", "--code", one.toString())
                .ok();
        await().atMost(SOON)
                .until(() -> !member.send("network", "charter").ok().out().contains(lost));
        // What the lost one said stands, and the one that came back takes it away.
        assertThat(rows(member, "network", "directives"))
                .extracting(row -> row.getString("component"))
                .contains("greeter");
        anew.send("network", "undirect", "greeter").ok();
        await().atMost(SOON).until(() -> !loaded(member, "greeter"));
    }

    @Test
    void what_was_directed_before_the_pinned_charter_stands_after_a_restart() throws Exception {
        NodeProcess founder = network.founder();
        founder.send("network", "direct", "greeter", "--on", "none", "--force").ok();
        founder.send("network", "charter", "rule", "task", "1", "--code", network.codes())
                .ok();
        String hash = rows(founder, "network", "charter", "log").getLast().getString("hash");
        founder.send("network", "charter", "pin", hash).ok();
        founder.kill();
        assertThat(rows(network.node("founder"), "network", "directives"))
                .extracting(row -> row.getString("component"))
                .contains("greeter");
    }

    private static NodeProcess.Answer recover(NodeProcess node, String genesis, NodeProcess member, Path codes)
            throws Exception {
        return node.send(
                "network", "recover-network", genesis, address(member), "--name", "anew", "--code", codes.toString());
    }

    private static boolean loaded(NodeProcess node, String component) throws Exception {
        for (JSONObject row : rows(node, "component", "list")) {
            if (row.getString("name").equals(component)
                    && row.getString("state").equals("ACTIVE")) {
                return true;
            }
        }
        return false;
    }
}
