package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Command;
import network.mycelium.shell.Shell;
import network.mycelium.shell.Shell.Origin;
import network.mycelium.shell.Shell.User;
import network.mycelium.shell.provider.TestShell.Answer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GogoShellTest {
    private static final User SSH_READER = new User("reader", "SHA256:r", Access.READ_ONLY, Origin.SSH);
    private static final User SSH_FULL = new User("owner", "SHA256:o", Access.FULL, Origin.SSH);
    private static final User ORDER = new User("order 1", "12D3signer", Access.FULL, Origin.ORDER);

    @TempDir
    Path home;

    private TestShell test;
    /// What the commands were given.
    private final List<List<String>> given = new CopyOnWriteArrayList<>();

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final CountDownLatch stubborn = new CountDownLatch(GogoShell.MAX_ABANDONED);

    @BeforeEach
    void register() {
        test = new TestShell(home);
        new TestGroup(
                        "test",
                        (name, a, out) -> switch (name) {
                            case "echo", "load", "sign", "trust" -> {
                                given.add(List.copyOf(a.words()));
                                yield null;
                            }
                            case "fail" -> throw new IllegalStateException("it failed with password=s3cret");
                            case "hostile" -> "\u001b[2Jname\u009b31m\u202egnp.exe\u0007";
                            case "wait" -> waits();
                            case "numbered" -> a.number("--number", 1);
                            default -> goesOn();
                        },
                        List.of(
                                Command.of("echo", "WORDS...", "", 0, 1000),
                                Command.of("load", "WORDS...", "", 0, 1000),
                                Command.of("sign", "", "", 0, 10),
                                Command.of("trust", "", "", 0, 10),
                                Command.of("fail", "", "", 0, 10),
                                Command.of("hostile", "", "", 0, 0),
                                Command.of("wait", "", "", 0, 0),
                                Command.of("numbered", "[--number N]", "", 0, 0).valued("--number"),
                                Command.of("stubborn", "", "", 0, 0)))
                .allow(Access.RESTRICTED, "echo")
                .allow(Access.STANDARD, "load")
                .usesKey("sign")
                .localOnly("trust")
                .register(test);
        test.foreign("felix", "lb", new Listing());
        test.foreign("felix", "stop", new Listing());
    }

    /// As Felix's own: an object whose methods Gogo calls.
    public static final class Listing {
        public void lb() {
            System.out.println("all bundles");
        }

        public void stop(Object bundle) {
            System.out.println(bundle.getClass().getSimpleName() + " " + bundle);
        }
    }

    private Object waits() throws InterruptedException {
        begun.countDown();
        try {
            new CountDownLatch(1).await();
        } finally {
            ended.countDown();
        }
        return null;
    }

    private Object goesOn() {
        stubborn.countDown();
        while (true) {
            try {
                mayEnd.await();
                return null;
            } catch (InterruptedException e) {
                // As code that was written without a thought of being interrupted.
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'; felix:lb #",
                "it's",
                "\"; felix:lb",
                "$(felix:lb)",
                "`felix:lb`",
                "a\\",
                "\\'",
                "a\nfelix:lb",
                "a\u0000b",
                "",
                " ",
                "{ felix:lb }",
                "a | felix:lb",
                "$echo",
                "(1,2]",
                "[1",
                "#",
                "\ud83d\ude00"
            })
    void a_word_is_what_it_is(String word) {
        assertThat(test.run(TestShell.OPERATOR, "test", "echo", word, "end").exit())
                .isZero();
        assertThat(test.run(TestShell.member(Access.RESTRICTED), "test:echo", word)
                        .exit())
                .isZero();
        assertThat(given).containsExactly(List.of(word, "end"), List.of(word));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "test:echo; felix:lb",
                "test:echo'",
                "test:echo #",
                "$x",
                "{felix:lb}",
                "felix:lb\u0000",
                "*:lb",
                "shell:help",
                "lb",
                "",
                "test:",
                ":lb",
                "test:echo\nfelix:lb"
            })
    void a_name_that_is_no_command_runs_nothing(String name) {
        Answer answer = test.run(TestShell.OPERATOR, name);
        assertThat(answer.exit()).isEqualTo(64);
        assertThat(answer.err()).contains("There is no command");
        assertThat(answer.out()).isEmpty();
        assertThat(given).isEmpty();
        assertThat(test.record).isEmpty();
    }

    @Test
    void whatever_words_a_restricted_member_sends_nothing_runs_but_what_it_may() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        String[] pieces = {
            "'",
            "\"",
            "\\",
            ";",
            "|",
            "#",
            "$(",
            ")",
            "{",
            "}",
            "\n",
            "\r",
            "\u0000",
            " ",
            "felix:lb",
            "test:load",
            "test:sign",
            "test",
            "echo",
            "load",
            "lb",
            "felix",
            ":",
            "=",
            "\ud800",
            "*",
            "&",
            ">",
            "<",
            "~",
            "é"
        };
        List<List<String>> echoed = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            List<String> words = new ArrayList<>();
            if (random.nextInt(3) == 0) {
                words.addAll(List.of("test", "echo"));
            }
            for (int w = random.nextInt(4); w > 0; w--) {
                var word = new StringBuilder();
                for (int p = random.nextInt(5); p > 0; p--) {
                    word.append(pieces[random.nextInt(pieces.length)]);
                }
                words.add(word.toString());
            }
            Answer answer = test.run(TestShell.member(Access.RESTRICTED), words.toArray(String[]::new));
            if (answer.exit() == 0) {
                int name = words.getFirst().equals("test:echo") ? 1 : 2;
                echoed.add(List.copyOf(words.subList(name, words.size())));
            }
            assertThat(answer.out()).as("seed %d, words %s", seed, words).doesNotContain("all bundles");
        }
        assertThat(given).as("seed %d", seed).isEqualTo(echoed);
        assertThat(given).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Origin.class,
            names = {"MEMBER", "ORDER"})
    void what_uses_the_nodes_key_is_given_at_the_node_only(Origin origin) {
        var elsewhere = new User("x", "12D3x", Access.FULL, origin);
        Answer refused = test.run(elsewhere, "test", "sign");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("test:sign uses the key of this node", "own shell only");
        assertThat(test.run(elsewhere, "test", "trust").err()).contains("own shell only");
        assertThat(given).isEmpty();

        var control = new User("o", "o", Access.FULL, Origin.CONTROL_SOCKET);
        for (User local : List.of(TestShell.OPERATOR, SSH_FULL, control)) {
            assertThat(test.run(local, "test", "sign").exit()).isZero();
            assertThat(test.run(local, "test", "trust").exit()).isZero();
        }
    }

    @Test
    void commands_of_other_bundles_take_full_access_at_the_node_and_are_on_record() {
        assertThat(test.run(TestShell.OPERATOR, "felix:lb").out()).contains("all bundles");
        assertThat(test.run(TestShell.OPERATOR, "felix", "stop", "18").out()).contains("String 18");
        assertThat(test.run(TestShell.OPERATOR, "felix", "stop", "1x").out()).contains("String 1x");
        assertThat(test.record).hasSize(3).first().asString().contains("felix:lb");
        assertThat(test.run(SSH_READER, "felix", "lb").err()).contains("felix:lb takes full");
        assertThat(test.run(TestShell.member(Access.FULL), "felix", "lb").err()).contains("own shell only");
        assertThat(test.run(ORDER, "felix:lb").err()).contains("own shell only");
    }

    @Test
    void access_is_checked_however_the_command_is_written() {
        for (String[] words : List.of(
                new String[] {"test", "load"}, new String[] {"test:load"}, new String[] {"TEST:LOAD"}, new String[] {
                    "Test", "lOAD"
                })) {
            assertThat(test.run(SSH_READER, words).err()).contains("read-only access", "test:load takes standard");
        }
        assertThat(given).isEmpty();
        assertThat(test.run(TestShell.OPERATOR, "TEST:LOAD").exit()).isZero();
    }

    @Test
    void an_error_is_json_where_json_is_asked_for() {
        assertThat(test.run(TestShell.OPERATOR, "test", "fail", "--json").err().strip())
                .isEqualTo("{\"error\":\"it failed with password=s3cret\"}");
        assertThat(test.run(TestShell.OPERATOR, "test", "wait", "too", "many", "--json")
                        .err())
                .startsWith("{\"error\":\"Too many words.\\nUsage: test:wait");
        assertThat(test.run(TestShell.OPERATOR, "test", "fail").err().strip())
                .isEqualTo("it failed with password=s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "test wait too many",
                "test fail --nonsense",
                "test numbered --number",
                "test numbered --number x",
                "test nosuch",
                "nosuch",
                "help nosuch"
            })
    void what_cannot_be_understood_exits_64_also_as_json(String line) {
        test.add(new Help(test.context));
        for (String json : List.of("", " --json")) {
            Answer answer = test.run(TestShell.OPERATOR, (line + json).split(" "));
            assertThat(answer.exit()).as(answer.err()).isEqualTo(64);
            assertThat(answer.err().startsWith("{\"error\":\"")).isEqualTo(!json.isEmpty());
        }
        assertThat(test.run(TestShell.OPERATOR, "test", "fail").exit()).isEqualTo(1);
        assertThat(test.run(TestShell.OPERATOR, "test", "fail", "--json").exit())
                .isEqualTo(1);
    }

    @Test
    void a_usage_error_says_how_the_command_is_written() {
        assertThat(test.run(TestShell.OPERATOR, "test", "numbered", "--number", "x")
                        .err())
                .isEqualTo("--number needs a whole number, not x.\nUsage: test:numbered [--number N] [--json]\n");
    }

    @Test
    void a_scope_alone_lists_its_commands() {
        test.add(new Help(test.context));
        for (String line : List.of("test", "TEST", "test --help", "help test")) {
            Answer answer = test.run(TestShell.OPERATOR, line.split(" "));
            assertThat(answer.exit()).as(line).isZero();
            assertThat(answer.out()).contains("test:echo", "test:load").doesNotContain("felix:lb", "shell:help");
        }
        assertThat(test.run(TestShell.OPERATOR, "test", "--json").out()).startsWith("[{\"command\":\"test:echo\"");
        assertThat(test.run(TestShell.OPERATOR, "test", "nosuch").err()).contains("`help test` lists those of test");
        assertThat(given).isEmpty();
    }

    @Test
    void who_did_what_and_how_it_ended_is_on_record_without_secrets() {
        test.run(TestShell.OPERATOR, "test", "load", "password=s3cret", "it's");
        test.run(SSH_FULL, "test", "fail");
        test.run(TestShell.member(Access.STANDARD), "test", "load", "x");
        test.run(TestShell.OPERATOR, "test", "lode", "x");
        test.run(TestShell.OPERATOR, "test", "echo", "only looks");
        test.run(TestShell.member(Access.RESTRICTED), "test", "load", "refused");
        assertThat(String.join("\n", test.record)).doesNotContain("s3cret", "lode", "only looks", "refused");
        assertThat(test.record).hasSize(4);
        assertThat(test.record.get(0)).contains("test:load password=... \"it's\"", "operator", "somebody", "done");
        assertThat(test.record.get(1))
                .contains("test:fail", "owner", "SHA256:o", "failed: it failed with password=...");
        assertThat(test.record.get(2)).contains("test:load x", "member", "12D3KooWmember", "begun");
        assertThat(test.record.get(3)).contains("test:load x", "member", "12D3KooWmember", "done");
    }

    @Test
    void from_elsewhere_nothing_is_done_that_cannot_be_put_on_record() {
        test.identity(Fakes.of(NetworkIdentity.class, Map.of("note", a -> {
            throw new IdentityException(IdentityException.Kind.STORAGE, "the disk is full");
        })));
        Answer refused = test.run(TestShell.member(Access.FULL), "test", "load");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("the disk is full");
        assertThat(given).isEmpty();
        assertThat(test.run(TestShell.OPERATOR, "test", "load").exit()).isZero();
        assertThat(given).hasSize(1);
    }

    @Test
    void what_commands_print_cannot_steer_a_terminal() {
        String out = test.run(TestShell.OPERATOR, "test", "hostile").out();
        assertThat(out).contains("\\u001b[2Jname\\u009b31m\\u202egnp.exe\\u0007");
        assertThat(test.run(TestShell.OPERATOR, "no\u001b[2Jname").err())
                .contains("\\u001b[2J")
                .doesNotContain("\u001b");
    }

    @Test
    void a_cancelled_command_is_interrupted_and_on_record() throws Exception {
        Shell.Call call = test.begin(TestShell.OPERATOR, "test", "wait");
        begun.await();
        call.cancel("Ctrl-C");
        assertThat(call.await()).isEqualTo(Shell.CANCELLED);
        ended.await();
        assertThat(test.record).hasSize(1).first().asString().contains("test:wait", "cancelled: Ctrl-C");
    }

    @Test
    void a_command_that_takes_too_long_is_cancelled() throws Exception {
        Shell.Call call = test.begin(TestShell.member(Access.FULL), "test", "wait");
        assertThat(call.await(Duration.ofMillis(50))).isEqualTo(Shell.CANCELLED);
        ended.await();
        assertThat(test.record.getLast()).contains("cancelled: it ran for 0 seconds, which is the limit");
    }

    @Test
    void who_is_interrupted_cancels_what_he_waits_for() throws Exception {
        Thread caller = Thread.ofVirtual().start(() -> test.run(TestShell.OPERATOR, "test", "wait"));
        begun.await();
        caller.interrupt();
        ended.await();
        caller.join();
        assertThat(test.record).hasSize(1);
    }

    @Test
    void what_ignores_being_cancelled_is_abandoned_and_bounded() throws Exception {
        List<Shell.Call> calls = new ArrayList<>();
        for (int i = 0; i < GogoShell.MAX_ABANDONED; i++) {
            calls.add(test.begin(TestShell.member(Access.FULL), "test", "stubborn"));
        }
        // What was cancelled before it began would not go on.
        stubborn.await();
        calls.forEach(call -> call.cancel("its caller went away"));
        for (Shell.Call call : calls) {
            assertThat(call.await()).isEqualTo(Shell.CANCELLED);
        }
        assertThat(test.run(TestShell.member(Access.FULL), "test", "echo").err())
                .contains("still run on this node");
        assertThat(test.run(TestShell.OPERATOR, "test", "echo").exit()).isZero();
        mayEnd.countDown();
        await().until(() ->
                test.run(TestShell.member(Access.FULL), "test", "echo").exit() == 0);
    }

    @Test
    void there_is_a_shell_without_any_command() {
        var bare = new TestShell(home);
        assertThat(bare.run(TestShell.OPERATOR, "component", "list").err())
                .contains("There is no command component list");
    }
}
