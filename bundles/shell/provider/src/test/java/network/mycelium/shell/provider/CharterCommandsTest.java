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
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Charter;
import network.mycelium.identity.Charters.Effect;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.Charters.Operator;
import network.mycelium.identity.Charters.Proposal;
import network.mycelium.identity.Charters.RecoveryCode;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.ExportedCharter;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.shell.provider.TestShell.Answer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The words of `network charter`, and what they ask of who keeps the charters.
class CharterCommandsTest {
    private static final PeerId SELF = PeerId.parse("12D3KooWAYjxA62dWgahX1Sef6ruxhtoU2J1B7isUVrS6HNGJxKS");
    private static final PeerId BOB = PeerId.parse("12D3KooWCuFDyKvvaiyLNavLUjVdRDMQ5LvVq9Qk2wjG83Tyf2k7");
    private static final PeerId NEXT = PeerId.parse("12D3KooWH6g7CtPbZuQmpT4FDUcVofBxhxez9MLvkFbVj4seKNkK");
    private static final String HASH = "ab".repeat(32);

    @TempDir
    Path folder;

    private final List<Object> asked = new ArrayList<>();
    private final Map<String, Fakes.Method> office = new HashMap<>();
    private final Map<String, Fakes.Method> identity = new HashMap<>();
    private int missing = 1;
    private TestShell shell;

    private static Charter charter() {
        return new Charter(
                4,
                HASH,
                2,
                Instant.parse("2026-11-25T00:00:00Z"),
                List.of(new Operator("founder", SELF, 0), new Operator("bob", BOB, 1)),
                List.of(NEXT),
                2,
                List.of(new Charters.Rule("*", 2, false), new Charters.Rule("order", 1, true)),
                List.of(),
                List.of(),
                0);
    }

    @BeforeEach
    void begin() {
        var statement =
                new Statement("directive", "greeter", 7, Instant.EPOCH, Statement.NEVER, new byte[0], List.of(BOB));
        office.put("present", a -> charter());
        office.put("alarms", a -> List.of("a fork at version 3"));
        office.put("path", a -> List.of(charter()));
        office.put("rivals", a -> List.of());
        office.put("proposals", a -> List.of(new Proposal(charter(), List.of(BOB), missing)));
        office.put("preview", a -> new Effect(List.of(statement), List.of(), 1));
        office.put("propose", a -> {
            asked.addAll(a);
            return new Proposal(charter(), List.of(SELF), missing);
        });
        var member = new Member(
                BOB, "bob", Access.FULL, List.of(), Map.of(), SELF, Instant.EPOCH, Instant.MAX, false, List.of());
        identity.put("members", a -> List.of(member));
        identity.put("member", a -> Optional.of(member).filter(m -> m.peer().equals(a.getFirst())));
        identity.put("note", a -> null);
        shell = new TestShell(folder);
        var commands = new CharterCommands(Fakes.of(NetworkIdentity.class, identity));
        commands.charters = Fakes.of(Charters.class, office);
        shell.add(commands);
    }

    private Answer run(String... words) {
        return shell.run(OPERATOR, words);
    }

    private Change proposed() {
        return (Change) asked.getFirst();
    }

    @Test
    void it_shows_who_speaks_and_what_is_wrong() {
        assertThat(run("network", "charter").out())
                .contains("bob " + BOB, "next charter takes", "*: 2", "order: 1, once", "a fork at version 3");
        assertThat(run("network", "charter", "log").out()).contains("abababababab", "holds", "1 missing");
        assertThat(asked).isEmpty();
    }

    @Test
    void what_falls_is_shown_before_and_a_preview_changes_nothing() {
        Answer preview = run("network", "charter", "remove", "bob", "--keep", "none", "--preview");
        assertThat(preview.out()).contains("Falls: directive greeter, number 7", "1 of its keys may be lost");
        assertThat(asked).isEmpty();

        Answer done = run("network", "charter", "remove", "bob", "--keep", "none");
        assertThat(done.out()).contains("lacks 1 signatures", "network charter sign abababababab");
        assertThat(proposed()).isEqualTo(new Change.Remove(BOB, Keep.NONE, false));
        missing = 0;
        assertThat(run("network", "charter", "remove", "bob", "--keep", "all", "--stay")
                        .out())
                .contains("holds now");
    }

    @Test
    void who_is_taken_out_is_taken_out_with_a_word_on_what_stands() throws Exception {
        Answer silent = run("network", "charter", "remove", "bob");
        assertThat(silent.exit()).isNotZero();
        assertThat(silent.err()).contains("--keep all, none, before:TIME or FILE");
        assertThat(run("network", "charter", "remove", "eve", "--keep", "all").err())
                .contains("no operator eve");
        assertThat(run("network", "charter", "remove", "bob", "--keep", "before:noon")
                        .err())
                .contains("A time is like");
        assertThat(asked).isEmpty();

        run("network", "charter", "remove", "bob", "--keep", "before:2026-05-01T12:00:00Z", "--drop-revocations");
        assertThat(proposed())
                .isEqualTo(new Change.Remove(BOB, new Keep(Instant.parse("2026-05-01T12:00:00Z"), null, false), false));
        asked.clear();
        Path list = Files.writeString(folder.resolve("list"), "directive greeter\n");
        run("network", "charter", "replace", "bob", NEXT.toString(), "--keep", list.toString());
        assertThat(proposed())
                .isEqualTo(new Change.Replace(BOB, NEXT, new Keep(null, Set.of("directive greeter"), true)));
    }

    @Test
    void operators_are_named_by_their_names_as_members() {
        run("network", "charter", "add", "bob");
        assertThat(proposed()).isEqualTo(new Change.Add("bob", BOB));
        assertThat(run("network", "charter", "add", "eve").err()).contains("no member eve");
    }

    @Test
    void rules_name_a_number_or_the_quorum() {
        run("network", "charter", "rule", "directive", "quorum", "--validators", "bob");
        assertThat(proposed()).isEqualTo(new Change.Decide("directive", 0, List.of(BOB)));
        asked.clear();
        run("network", "charter", "rule", "directive", "2");
        assertThat(proposed()).isEqualTo(new Change.Decide("directive", 2, null));
        assertThat(run("network", "charter", "rule", "directive", "two").exit()).isNotZero();
    }

    @Test
    void codes_come_from_a_file_and_never_from_the_line() throws Exception {
        Path codes = Files.writeString(folder.resolve("codes"), "# both\nabandon one\n\n abandon two \n");
        run("network", "charter", "close", "--code", codes.toString());
        assertThat(asked).containsExactly(new Change.Close(), List.of("abandon one", "abandon two"));
        office.put("checkCode", a -> a.getFirst().equals("abandon one"));
        assertThat(run("network", "charter", "check-code", "--code", codes.toString())
                        .err())
                .contains("none of the present charter's");
        assertThat(shell.record.toString()).doesNotContain("abandon");
    }

    @Test
    void new_codes_are_on_the_disk_for_the_owner_alone_before_they_are_proposed() throws Exception {
        Path file = folder.resolve("fresh");
        office.put("newCodes", a -> List.of(new RecoveryCode("fresh words", NEXT)));
        office.put("propose", a -> {
            assertThat(file).hasContent("fresh words");
            asked.addAll(a);
            return new Proposal(charter(), List.of(SELF), 0);
        });
        assertThat(run("network", "charter", "new-codes").err()).contains("--recovery-file");
        Answer done = run("network", "charter", "new-codes", "1", "--recovery-file", file.toString());
        assertThat(done.out()).contains("holds now", "keep them off this machine");
        assertThat(asked).containsExactly(new Change.Recovery(List.of(NEXT)), List.of("fresh words"));
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        // What is there is never written over.
        assertThat(run("network", "charter", "new-codes", "1", "--recovery-file", file.toString()))
                .matches(a -> a.exit() != 0 && a.err().contains(file + " is there already"));
    }

    @Test
    void an_exported_charter_is_shown_and_signed_in_its_file() throws Exception {
        Path file = Files.write(folder.resolve("exported"), new byte[] {1});
        Path codes = Files.writeString(folder.resolve("codes"), "abandon one\n");
        identity.put("signExported", a -> {
            boolean signed = !((List<?>) a.get(1)).isEmpty();
            return new ExportedCharter(new byte[] {2}, charter(), signed ? List.of(SELF, NEXT) : List.of(SELF));
        });
        assertThat(run("network", "sign", file.toString()).out()).contains("signed by", SELF.toString(), "bob " + BOB);
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(run("network", "sign", file.toString(), "--code", codes.toString())
                        .out())
                .contains(NEXT.toString());
        assertThat(file).hasBinaryContent(new byte[] {2});
    }

    @Test
    void a_file_that_is_not_there_is_told_in_words() {
        Path none = folder.resolve("none");
        for (String[] words : new String[][] {
            {"network", "sign", none.toString()},
            {"network", "charter", "check-code", "--code", none.toString()},
            {"network", "charter", "import", none.toString()}
        }) {
            assertThat(run(words).err()).startsWith(none + ": there is no such file on the machine of the node.");
        }
    }

    @Test
    void signing_says_what_this_node_signed_before_for_the_same_charter() {
        office.put("path", a -> List.of());
        office.put("undoes", a -> List.of("cd".repeat(32)));
        office.put("sign", a -> new Proposal(charter(), List.of(SELF, BOB), 0));
        assertThat(run("network", "charter", "sign", HASH.substring(0, 8)).out())
                .contains("signed cdcdcdcdcdcd for the same charter", "undoes it there", "holds now");
    }

    @Test
    void what_cannot_be_done_is_told_with_what_can() {
        assertThat(run("network", "charter", "dissolve"))
                .matches(a -> a.exit() != 0 && a.err().contains("A charter cannot be dissolve"));
        assertThat(shell.run(TestShell.member(Access.FULL), "network", "charter", "close")
                        .exit())
                .isNotZero();
        assertThat(asked).isEmpty();
    }
}
