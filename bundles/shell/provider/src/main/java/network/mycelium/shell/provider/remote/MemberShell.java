package network.mycelium.shell.provider.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.node.command.Access;
import network.mycelium.shell.RemoteShell;
import network.mycelium.shell.Shell;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// One stream a command: its words, then pieces of what it writes as they come, then how it ended. At most
/// [#MAX_PER_CALLER] run here at once for one member and [#MAX_AT_ONCE] for all, the last of them for operators; at
/// the bound the next is refused. A command is cancelled when its caller goes away, and after [#MAX_RUN].
@Component(service = RemoteShell.class)
public final class MemberShell implements RemoteShell, ProtocolHandler {
    static final String PROTOCOL = "/mycelium/shell/1.0.0";
    private static final Logger LOG = System.getLogger(MemberShell.class.getName());
    private static final int MAX_COMMAND = 64 * 1024;
    private static final int MAX_PIECE = 32 * 1024;
    private static final int MAX_AT_ONCE = 8;
    private static final int MAX_PER_CALLER = 3;
    private static final int FOR_OPERATORS = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MAX_RUN = Duration.ofMinutes(10);

    private final Host host;
    private final NetworkIdentity identity;
    private final Presence presence;
    private final Shell shell;
    private final Duration limit;
    private final CallerSlots slots = new CallerSlots(MAX_AT_ONCE, MAX_PER_CALLER, FOR_OPERATORS);
    private final AutoCloseable offer;

    @Activate
    public MemberShell(
            @Reference Host host,
            @Reference NetworkIdentity identity,
            @Reference Presence presence,
            @Reference Shell shell) {
        this(host, identity, presence, shell, MAX_RUN);
    }

    /// @param limit of a command's time
    MemberShell(Host host, NetworkIdentity identity, Presence presence, Shell shell, Duration limit) {
        this.limit = limit;
        this.host = host;
        this.identity = identity;
        this.presence = presence;
        this.shell = shell;
        this.offer = host.handle(PROTOCOL, this);
    }

    @Deactivate
    void deactivate() throws Exception {
        offer.close();
    }

    @Override
    public int run(PeerId member, List<String> words, OutputStream out, OutputStream error) throws IOException {
        if (member.equals(host.id())) {
            return shell.execute(words, out, error, user(member));
        }
        if (host.connection(member).isEmpty()) {
            host.connect(member, addresses(member));
        }
        try (Stream stream = host.open(member, PROTOCOL)) {
            stream.timeout(MAX_RUN.plus(PATIENCE));
            var request = new ProtoWriter();
            words.forEach(word -> request.text(1, word));
            Delimited.write(stream, request.toBytes());
            while (true) {
                var answer = new ProtoReader(Delimited.read(stream.input(), 2 * MAX_PIECE));
                for (int field; (field = answer.next()) != 0; ) {
                    switch (field) {
                        case 1 -> out.write(answer.bytes());
                        case 2 -> error.write(answer.bytes());
                        case 3 -> {
                            return (int) answer.varint();
                        }
                        default -> {}
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(member + " answers in a way that is not understood", e);
        }
    }

    private List<Multiaddr> addresses(PeerId member) throws IOException {
        return presence.present().stream()
                .filter(present -> present.peer().equals(member))
                .findFirst()
                .map(Presence.Present::addresses)
                .orElseThrow(() -> new IOException("it is not heard"));
    }

    @Override
    public void handle(Stream stream) throws IOException {
        stream.timeout(PATIENCE);
        List<String> words = words(Delimited.read(stream.input(), MAX_COMMAND));
        Shell.User user = user(stream.peer());
        OutputStream error = new Pieces(stream, 2);
        Optional<CallerSlots.Slot> slot = slots.take(stream.peer(), user.access() == Access.FULL);
        int exit = 1;
        if (slot.isPresent()) {
            try (var held = slot.get()) {
                exit = serve(stream, words, error, user);
            }
        } else {
            say(
                    error,
                    "This node runs %d commands for one member at once, and %d for all; try again later."
                            .formatted(MAX_PER_CALLER, MAX_AT_ONCE));
        }
        Delimited.write(stream, new ProtoWriter().varint(3, exit).toBytes());
    }

    private int serve(Stream stream, List<String> words, OutputStream error, Shell.User user) throws IOException {
        long began = System.nanoTime();
        Shell.Call call = shell.begin(words, InputStream.nullInputStream(), new Pieces(stream, 1), error, user);
        Thread.ofVirtual().name("caller " + stream.peer()).start(() -> watch(stream, call));
        int exit = call.await(limit);
        if (exit == Shell.CANCELLED && System.nanoTime() - began >= limit.toNanos()) {
            say(error, "Cancelled: a command from another node may run for %d seconds.".formatted(limit.toSeconds()));
        }
        return exit;
    }

    /// A caller keeps its half of the stream open; when it ends, or the connection, nobody waits for the command.
    private static void watch(Stream stream, Shell.Call call) {
        byte[] ignored = new byte[64];
        try {
            boolean there = true;
            while (there) {
                there = isThere(stream, ignored);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a caller has gone: {0}", e.toString());
        }
        call.cancel("its caller went away");
    }

    private static boolean isThere(Stream stream, byte[] ignored) throws IOException {
        try {
            return stream.read(ignored, 0, ignored.length) >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    private static void say(OutputStream error, String text) throws IOException {
        error.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private Shell.User user(PeerId peer) throws IOException {
        Member member = identity.member(peer)
                .filter(m -> !m.revoked())
                .orElseThrow(() -> new IOException(peer + " is no member"));
        // To take part in the network is not to run the others' nodes: that is for operators.
        Access access =
                member.access() == Access.STANDARD && !peer.equals(host.id()) ? Access.LIMITED : member.access();
        return new Shell.User(member.name(), peer.toString(), access, Shell.Origin.MEMBER);
    }

    private static List<String> words(byte[] message) throws IOException {
        List<String> words = new ArrayList<>();
        try {
            var in = new ProtoReader(message);
            for (int field; (field = in.next()) != 0; ) {
                if (field == 1) {
                    words.add(in.text());
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("A command is not understood", e);
        }
        return words;
    }

    /// Sends what is written in pieces of the answer.
    private static final class Pieces extends OutputStream {
        private final Stream stream;
        private final int field;

        Pieces(Stream stream, int field) {
            this.stream = stream;
            this.field = field;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            synchronized (stream) {
                for (int at = 0; at < length; at += MAX_PIECE) {
                    int end = Math.min(length, at + MAX_PIECE);
                    byte[] piece = Arrays.copyOfRange(bytes, offset + at, offset + end);
                    Delimited.write(
                            stream, new ProtoWriter().bytes(field, piece).toBytes());
                }
            }
        }
    }
}
