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
import java.util.List;
import network.mycelium.identity.Member.Access;
import network.mycelium.shell.Shell;
import network.mycelium.shell.Shell.Origin;
import network.mycelium.shell.Shell.User;
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
        new CommandGroup(
                        "test",
                        (name, a, out) -> name + " " + a.words(),
                        List.of(ShellCommand.of("echo", "", "", 0, 100), ShellCommand.of("load", "", "", 0, 100)))
                .allow(Access.READ_ONLY, "echo")
                .register(test.context);
        test.foreign("felix", "lb", new GogoShellTest.Listing());
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
