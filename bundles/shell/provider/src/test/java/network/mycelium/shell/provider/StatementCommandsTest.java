package network.mycelium.shell.provider;

import static network.mycelium.shell.provider.TestShell.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementCommandsTest {
    private static final PeerId BOB = PeerId.parse("12D3KooWCuFDyKvvaiyLNavLUjVdRDMQ5LvVq9Qk2wjG83Tyf2k7");

    @TempDir
    Path folder;

    private final List<String> endorsed = new ArrayList<>();
    private final Map<String, Fakes.Method> said = new HashMap<>();
    private TestShell shell;
    private StatementCommands commands;

    private static Statement statement(String kind, String key) {
        return new Statement(kind, key, 3, Instant.EPOCH, Statement.NEVER, new byte[0], List.of(BOB));
    }

    @BeforeEach
    void begin() {
        said.put("proposals", a -> List.of(statement("directive", "greeter")));
        said.put("endorse", a -> {
            endorsed.add(a.get(0) + " " + a.get(1));
            return statement(a.get(0).toString(), a.get(1).toString());
        });
        said.put(
                "signedBy",
                a -> List.of(statement("directive", "a"), statement("member", "b"), statement("renewal", "b")));
        shell = new TestShell(folder);
        var identity = Fakes.of(NetworkIdentity.class, Map.of("members", a -> List.of(), "note", a -> null));
        commands = new StatementCommands(identity);
        commands.statements = Fakes.of(Statements.class, said);
        shell.add(commands);
    }

    private TestShell.Answer run(String... words) {
        return shell.run(OPERATOR, words);
    }

    @Test
    void what_waits_is_listed_with_who_signed_it() {
        assertThat(run("network", "proposals").out()).contains("directive", "greeter", BOB.toString());
    }

    @Test
    void one_thing_is_endorsed_or_all_that_somebody_signed_but_certificates() {
        assertThat(run("network", "endorse", "directive", "other").out()).contains("holds now");
        assertThat(run("network", "endorse", "--signed-by", BOB.toString()).out())
                .contains("1 statements");
        assertThat(endorsed).containsExactly("directive other", "directive a");
        assertThat(run("network", "endorse", "directive").exit()).isNotZero();
        assertThat(run("network", "endorse", "--signed-by", "nobody").err()).contains("no member nobody");
    }

    @Test
    void what_cannot_be_endorsed_stops_nothing_else_and_is_told() {
        said.put("signedBy", a -> List.of(statement("directive", "bad"), statement("directive", "good")));
        said.put("endorse", a -> {
            if (a.get(1).equals("bad")) {
                throw new IdentityException(IdentityException.Kind.STATE, "the places are used up");
            }
            endorsed.add(a.get(0) + " " + a.get(1));
            return statement("directive", "good");
        });
        TestShell.Answer answer = run("network", "endorse", "--signed-by", BOB.toString());
        assertThat(endorsed).containsExactly("directive good");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(answer.err()).contains("1 statements", "directive bad: the places are used up");
    }

    @Test
    void what_this_node_signed_already_is_not_signed_again() {
        commands.host = Fakes.of(Host.class, Map.of("id", a -> BOB));
        assertThat(run("network", "endorse", "--signed-by", BOB.toString()).out())
                .contains("0 statements");
        assertThat(endorsed).isEmpty();
    }

    @Test
    void a_proposal_goes_to_a_node_that_is_not_connected_by_a_file() throws Exception {
        Path file = folder.resolve("proposal");
        said.put("export", a -> new byte[] {7});
        said.put("take", a -> {
            assertThat((byte[]) a.getFirst()).containsExactly(7);
            return List.of(statement("directive", "greeter"));
        });
        assertThat(run("network", "export-proposal", "directive", "greeter", file.toString())
                        .exit())
                .isZero();
        assertThat(Files.readAllBytes(file)).containsExactly(7);
        assertThat(run("network", "import-proposal", file.toString()).out()).contains("greeter");
    }
}
