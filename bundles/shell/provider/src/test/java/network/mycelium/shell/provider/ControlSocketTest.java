package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ControlSocketTest {
    @TempDir
    Path home;

    private TestShell test;
    private ControlSocket socket;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    @BeforeEach
    void open() throws IOException {
        Files.createDirectories(home.resolve("run"));
        test = new TestShell(home);
        new TestGroup(
                        "test",
                        (name, a, out) -> switch (name) {
                            case "echo" -> String.join(",", a.words());
                            case "read" -> "got " + a.firstLineOf("-");
                            default -> waits();
                        },
                        List.of(
                                Command.of("echo", "", "", 0, 100),
                                Command.of("read", "", "", 0, 0),
                                Command.of("wait", "", "", 0, 0)))
                .allow(Access.READ_ONLY, "echo")
                .register(test);
        socket = new ControlSocket(test.context, test.shell);
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

    @AfterEach
    void close() throws IOException {
        socket.deactivate();
    }

    /// One connection.
    private final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final DataInputStream in;
        private final DataOutputStream out;
        private final StringBuilder shown = new StringBuilder();

        Client() throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(Files.readString(home.resolve("run/control"))));
            in = new DataInputStream(Channels.newInputStream(channel));
            out = new DataOutputStream(Channels.newOutputStream(channel));
        }

        Client say(String... words) throws IOException {
            out.writeInt(words.length);
            for (String word : words) {
                word(word);
            }
            return this;
        }

        Client session(int columns, int rows) throws IOException {
            out.writeInt(-1);
            word("xterm");
            out.writeShort(columns);
            out.writeShort(rows);
            return this;
        }

        private void word(String word) throws IOException {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes.length);
            out.write(bytes);
        }

        void send(int kind, byte[] bytes) throws IOException {
            out.writeByte(kind);
            out.writeInt(bytes.length);
            out.write(bytes);
        }

        void type(String keys) throws IOException {
            send(4, keys.getBytes(StandardCharsets.UTF_8));
        }

        /// @return its kind
        int frame() throws IOException {
            int kind = in.readUnsignedByte();
            byte[] bytes = in.readNBytes(in.readInt());
            shown.append(kind == 3 ? "exit " + bytes[3] : new String(bytes, StandardCharsets.UTF_8));
            return kind;
        }

        String until(String text) throws IOException {
            while (shown.indexOf(text) < 0) {
                frame();
            }
            String all = shown.toString();
            shown.setLength(0);
            return all;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void only_the_owner_of_the_home_reaches_it() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("run/node.sock"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_command_is_answered_with_its_words_as_they_are() throws Exception {
        try (var client = new Client().say("test", "echo", "it's", "'; felix:lb #", "$(x)")) {
            assertThat(client.until("exit 0")).isEqualTo("it's,'; felix:lb #,$(x)\nexit 0");
        }
        try (var client = new Client().say("nothing")) {
            assertThat(client.until("exit 64")).contains("There is no command nothing");
        }
    }

    @Test
    void a_command_whose_client_goes_away_is_cancelled() throws Exception {
        try (var client = new Client().say("test", "wait")) {
            begun.await();
            assertThat(client.channel.isOpen()).isTrue();
        }
        ended.await();
        await().until(() -> test.record.size() == 1);
        assertThat(test.record.getFirst()).contains("cancelled: its caller went away");
    }

    @Test
    void the_client_is_asked_for_its_input_by_who_reads_it_and_not_before() throws Exception {
        try (var client = new Client().say("test", "read")) {
            assertThat(client.frame()).isEqualTo(6);
            client.type("mycelium1-tic");
            client.type("ket\nmore");
            assertThat(client.until("exit 0")).isEqualTo("got mycelium1-ticket\nexit 0");
        }
        try (var client = new Client().say("test", "echo", "x")) {
            assertThat(client.frame()).isEqualTo(1);
        }
        try (var client = new Client().say("test", "read")) {
            assertThat(client.frame()).isEqualTo(6);
            client.type("");
            assertThat(client.until("exit 0")).isEqualTo("got \nexit 0");
        }
    }

    @Test
    void what_is_no_request_ends_the_connection_and_nothing_else() throws Exception {
        try (var client = new Client()) {
            client.out.writeInt(Integer.MAX_VALUE);
            assertThat(client.in.read()).isEqualTo(-1);
        }
        try (var client = new Client()) {
            client.out.writeInt(1);
            client.out.writeInt(-5);
            assertThat(client.in.read()).isEqualTo(-1);
        }
        try (var client = new Client().say("test", "wait")) {
            begun.await();
            client.send(77, new byte[0]);
            ended.await();
        }
        try (var client = new Client().say("test", "echo", "x")) {
            assertThat(client.until("exit 0")).isEqualTo("x\nexit 0");
        }
    }

    @Test
    void a_session_has_prompt_ctrl_c_sizes_and_an_end() throws Exception {
        try (var client = new Client().session(100, 30)) {
            assertThat(client.frame()).isIn(1, 6);
            client.until("mycelium> ");
            client.type("test echo dropped\u0003");
            client.until("mycelium> ");
            client.type("test echo kept\r");
            assertThat(client.until("kept\r\n")).doesNotContain("dropped\r\n");
            client.until("mycelium> ");
            client.send(5, new byte[] {0, 40, 0, 20});
            client.type("test wait\r");
            begun.await();
            client.type("\u0003");
            client.until("Cancelled.");
            ended.await();
            client.until("mycelium> ");
            client.type("x = 5; test:echo $x\r");
            client.until("5\r\n");
            client.until("mycelium> ");
            client.type("\u0004");
            client.until("exit 0");
        }
        assertThat(Files.readString(home.resolve(
                        "data/history/local-" + System.getProperty("user.name").replaceAll("[^A-Za-z0-9_-]", "."))))
                .contains("test echo kept")
                .doesNotContain("dropped");
    }

    @Test
    void a_session_whose_client_goes_away_ends_with_what_it_runs() throws Exception {
        try (var client = new Client().session(80, 24)) {
            client.until("mycelium> ");
            client.type("test wait\r");
            begun.await();
        }
        ended.await();
    }
}
