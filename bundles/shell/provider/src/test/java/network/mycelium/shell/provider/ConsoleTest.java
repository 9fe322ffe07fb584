package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Command;
import network.mycelium.shell.Shell;
import network.mycelium.shell.Shell.Origin;
import network.mycelium.shell.Shell.User;
import network.mycelium.shell.provider.settings.Settings;
import network.mycelium.shell.provider.settings.SettingsFixture;
import org.jline.reader.Candidate;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sessions of people at terminals.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConsoleTest {
    private static final User OWNER = new User("owner", "SHA256:ab/c+d", Access.FULL, Origin.SSH);
    private static final User OTHER = new User("other", "SHA256:other", Access.FULL, Origin.SSH);
    private static final User READER = new User("reader", "SHA256:r", Access.READ_ONLY, Origin.SSH);

    private static final String CTRL_C = "\u0003";

    @TempDir
    Path home;

    private TestShell test;

    @BeforeEach
    void register() {
        test = new TestShell(home);
        new TestGroup(
                        "test",
                        (name, a, out) -> name + " " + a.words(),
                        List.of(Command.of("echo", "", "", 0, 100), Command.of("load", "", "", 0, 100)))
                .allow(Access.READ_ONLY, "echo")
                .register(test);
        test.foreign("felix", "lb", new GogoShellTest.Listing());
    }

    /// Commands as there are, and something that they are about.
    private void node() {
        new TestGroup(
                        "component",
                        (name, a, out) -> name + " " + a.words() + (a.has("--dry-run") ? " dry" : ""),
                        List.of(Command.of("load", "NAME[@VERSIONS] [--dry-run] [--force]", "", 1, 1)
                                .flags("--dry-run", "--force")))
                .allow(Access.STANDARD, "load")
                .register(test);
        new TestGroup(
                        "network",
                        (name, a, out) -> name + " " + a.words() + " " + a.option("--access", ""),
                        List.of(
                                Command.of("promote", "NODE ROLE", "", 2, 2),
                                Command.of("invite", "[--access LEVEL]", "", 0, 0)
                                        .valued("--access")))
                .register(test);
        new TestGroup(
                        "node",
                        (name, a, out) -> name + " " + a.words(),
                        List.of(Command.of("config", "[PID [KEY=VALUE...]]", "", 0, 100)))
                .register(test);
        test.service(
                ComponentManager.class,
                Fakes.of(ComponentManager.class, Map.of("components", a -> List.of(component("greeter")))));
        test.service(
                NetworkIdentity.class,
                Fakes.of(
                        NetworkIdentity.class, Map.of("members", a -> List.of(member("cellar"), member("\u001b[2J")))));
    }

    private static ComponentStatus component(String name) {
        return new ComponentStatus(
                name,
                "1.0.0",
                ComponentStatus.State.ACTIVE,
                "",
                List.of(),
                List.of(),
                List.of(),
                "",
                false,
                0,
                0,
                List.of());
    }

    private static Member member(String name) {
        return new Member(
                null, name, Access.FULL, List.of(), Map.of(), null, Instant.EPOCH, Instant.EPOCH, false, List.of());
    }

    @Test
    void tab_ends_commands_options_and_the_names_of_what_there_is() throws Exception {
        node();
        assertThat(session(OWNER, "comp\tlo\tgr\t--dr\t\r\u0004")).contains("load [greeter] dry");
        assertThat(session(OWNER, "network promote cel\tx\r\u0004")).contains("promote [cellar, x]");
        assertThat(session(OWNER, "network invite --acc\tread\t\r\u0004")).contains("invite [] read-only");
        assertThat(session(OWNER, "test:ec\tx\r\u0004")).contains("echo [x]");
    }

    @Test
    void tab_ends_pids_and_the_names_of_their_settings() throws Exception {
        node();
        try (var fixture = new SettingsFixture(home)) {
            test.service(Settings.class, fixture.settings);
            assertThat(session(OWNER, "node config test.kn\tpo\t22\r\u0004")).contains("config [test.known, port=22]");
        }
    }

    @Test
    void tab_tells_nobody_what_he_may_not_do_and_no_name_that_steers_a_terminal() throws Exception {
        node();
        assertThat(candidates(READER, "component load ")).isEmpty();
        assertThat(candidates(READER, "network ")).isEmpty();
        assertThat(candidates(READER, "")).contains("test").doesNotContain("network");
        assertThat(candidates(OWNER, "network promote ")).contains("cellar").noneMatch(name -> name.contains("\u001b"));
        assertThat(candidates(OWNER, "component load greeter ")).contains("--dry-run", "--force", "--json", "--help");
        assertThat(candidates(OWNER, "component load greeter --force ")).doesNotContain("--force");
        assertThat(candidates(OWNER, "felix lb ")).isEmpty();
    }

    private List<String> candidates(User user, String line) {
        List<Candidate> all = new ArrayList<>();
        var parser = new DefaultParser();
        parser.setEscapeChars(null);
        new CommandCompleter(test.context, user)
                .complete(null, parser.parse(line, line.length(), Parser.ParseContext.COMPLETE), all);
        return all.stream().map(Candidate::value).toList();
    }

    /// What is shown after these keys and the end of the input.
    private String session(User user, String keys) throws Exception {
        var out = new ByteArrayOutputStream();
        var typed = new PipedOutputStream();
        try (var in = new PipedInputStream(typed, 4096)) {
            Shell.Session session = test.shell.open(in, out, new Shell.Screen("xterm", 80, 24), user);
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    session.run();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            await().until(() -> out.toString(StandardCharsets.UTF_8).contains("mycelium> "));
            for (String key : keys.split("(?<=\u0003)|(?=\u0003)")) {
                if (key.equals(CTRL_C)) {
                    // It was all read, for its end is shown.
                    await().until(() -> out.toString(StandardCharsets.UTF_8).contains("dropped"));
                }
                typed.write(key.getBytes(StandardCharsets.UTF_8));
                typed.flush();
            }
            thread.join();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void who_has_full_access_has_the_language_and_all_others_have_commands() throws Exception {
        assertThat(session(OWNER, "x = 6; test:echo $x\r\u0004")).contains("echo [6]");
        assertThat(session(READER, "test echo $x 'a b'\rtest:load y\rfelix:lb\rx = 6\r\u0004"))
                .contains("echo [$x, a b]", "test:load takes full", "felix:lb takes full", "no command x =")
                .doesNotContain("load [y]", "all bundles");
    }

    @Test
    void a_command_is_given_with_the_words_that_were_typed() throws Exception {
        assertThat(session(OWNER, "test echo a@[1,2) # k=v c:\\d\rtest echo it's\r\u0004"))
                .contains("echo [a@[1,2), #, k=v, c:\\d]", "A quote does not end");
    }

    @Test
    void what_is_typed_is_on_record_and_typos_are_not() throws Exception {
        session(OWNER, "test load password=s3cret\rtest lode\rfelix:lb | test:load\rloda\rtest echo\r\u0004");
        assertThat(test.record).hasSize(2);
        assertThat(test.record.get(0))
                .contains("test:load password=...", "owner", "SHA256:ab/c+d", "done")
                .doesNotContain("s3cret");
        assertThat(test.record.get(1)).contains("felix:lb | test:load", "owner");
    }

    @Test
    void each_user_has_a_history_of_his_own_without_secrets() throws Exception {
        session(OWNER, "test load password=s3cret mine\r\u0004");
        session(READER, "test echo readers\r\u0004");
        Path file = home.resolve("data/history/ssh-SHA256.ab_c-d");
        assertThat(Files.readString(file))
                .contains("test load password=... mine")
                .doesNotContain("s3cret", "readers");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
        // Up shows what one typed before, and nothing of others.
        assertThat(session(OTHER, "\u001bOA\r\u0004")).doesNotContain("mine");
        assertThat(session(READER, "\u001bOA\r\u0004")).doesNotContain("mine", "readers");
        assertThat(session(OWNER, "\u001bOA\r\u0004")).contains("mine");
    }

    @Test
    void ctrl_c_drops_the_line_and_ctrl_d_leaves() throws Exception {
        assertThat(session(OWNER, "test echo dropped\u0003test echo kept\r\u0004"))
                .contains("echo [kept]")
                .doesNotContain("echo [dropped]");
    }
}
