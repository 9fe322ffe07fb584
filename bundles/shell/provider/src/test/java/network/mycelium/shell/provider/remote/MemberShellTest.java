package network.mycelium.shell.provider.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell;
import network.mycelium.shell.provider.Fakes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MemberShellTest {
    private static final PeerId SELF = CallerSlotsTest.peer(1);
    private static final PeerId CALLER = CallerSlotsTest.peer(2);
    private static final PeerId OPERATOR = CallerSlotsTest.peer(3);

    private final FakeShell shell = new FakeShell();

    private MemberShell serving(Duration limit) {
        return new MemberShell(
                Fakes.of(Host.class, Map.of("id", a -> SELF, "handle", a -> (AutoCloseable) () -> {})),
                Fakes.of(NetworkIdentity.class, Map.of("member", a -> member((PeerId) a.getFirst()))),
                Fakes.of(Presence.class, Map.of()),
                shell,
                limit);
    }

    private static Optional<Member> member(PeerId peer) {
        Access access = peer.equals(OPERATOR) ? Access.FULL : Access.STANDARD;
        return Optional.of(new Member(
                peer, "name", access, List.of(), Map.of(), SELF, Instant.now(), Instant.MAX, false, List.of()));
    }

    /// One command of a caller, whose half of the stream stays open until he goes.
    private static final class Caller {
        private final PipedOutputStream half = new PipedOutputStream();
        private final PipedInputStream request;
        private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        private final Thread thread;

        Caller(MemberShell serving, PeerId peer, String... words) throws IOException {
            request = new PipedInputStream(half, 4096);
            var message = new ProtoWriter();
            for (String word : words) {
                message.text(1, word);
            }
            byte[] bytes = message.toBytes();
            half.write(bytes.length);
            half.write(bytes);
            half.flush();
            thread = Thread.ofVirtual().start(() -> {
                try {
                    serving.handle(stream(peer));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }

        private Stream stream(PeerId peer) {
            return Fakes.of(
                    Stream.class,
                    Map.of(
                            "peer", a -> peer,
                            "timeout", a -> null,
                            "input", a -> request,
                            "read", a -> read((byte[]) a.get(0), (int) a.get(1), (int) a.get(2)),
                            "write",
                                    a -> {
                                        synchronized (answer) {
                                            answer.write((byte[]) a.get(0), (int) a.get(1), (int) a.get(2));
                                        }
                                        return null;
                                    }));
        }

        /// Now and then it takes longer than a stream waits.
        private int read(byte[] buffer, int offset, int length) throws IOException {
            if (Math.random() < 0.5) {
                throw new SocketTimeoutException("nothing came");
            }
            return request.read(buffer, offset, length);
        }

        void go() throws IOException {
            half.close();
        }

        /// The exit code, then all that was written.
        String answer() throws Exception {
            thread.join();
            var text = new StringBuilder();
            long exit = -1;
            var in = new java.io.ByteArrayInputStream(answer.toByteArray());
            while (in.available() > 0) {
                var message = new ProtoReader(Delimited.read(in, 1 << 20));
                for (int field; (field = message.next()) != 0; ) {
                    if (field == 3) {
                        exit = message.varint();
                    } else {
                        text.append(new String(message.bytes(), StandardCharsets.UTF_8));
                    }
                }
            }
            return exit + " " + text;
        }
    }

    @Test
    void a_member_gives_a_command_by_its_certificate() throws Exception {
        var caller = new Caller(serving(Duration.ofMinutes(1)), CALLER, "it's", "'; felix:lb #", "");
        assertThat(caller.answer()).isEqualTo("0 done");
        assertThat(shell.ran).containsExactly(List.of("it's", "'; felix:lb #", ""));
        assertThat(shell.users.getFirst())
                .isEqualTo(new Shell.User("name", CALLER.toString(), Access.LIMITED, Shell.Origin.MEMBER));
    }

    @Test
    void a_command_ends_when_its_caller_goes() throws Exception {
        var caller = new Caller(serving(Duration.ofMinutes(1)), CALLER, "wait");
        await().until(() -> shell.ran.size() == 1);
        caller.go();
        assertThat(caller.answer()).startsWith("130 ");
        await().untilAsserted(() -> assertThat(shell.cancelled).containsExactly("its caller went away"));
    }

    @Test
    void a_command_ends_when_its_time_is_up() throws Exception {
        var caller = new Caller(serving(Duration.ofMillis(20)), CALLER, "wait");
        assertThat(caller.answer()).startsWith("130 Cancelled: a command from another node may run for ");
    }

    @Test
    void a_caller_has_three_at_once_and_operators_a_place_of_their_own() throws Exception {
        MemberShell serving = serving(Duration.ofMinutes(1));
        List<Caller> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(new Caller(serving, CALLER, "wait"));
        }
        await().until(() -> shell.ran.size() == 3);
        assertThat(new Caller(serving, CALLER, "x").answer()).startsWith("1 This node runs 3 commands for one member");
        for (int i = 0; i < 4; i++) {
            all.add(new Caller(serving, CallerSlotsTest.peer(10 + i / 3), "wait"));
        }
        await().until(() -> shell.ran.size() == 7);
        assertThat(new Caller(serving, CallerSlotsTest.peer(20), "x").answer()).startsWith("1 ");
        assertThat(new Caller(serving, OPERATOR, "x").answer()).isEqualTo("0 done");
        for (Caller caller : all) {
            caller.go();
            caller.answer();
        }
        assertThat(new Caller(serving, CALLER, "x").answer()).isEqualTo("0 done");
    }
}
