package network.mycelium.shell.provider;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Commands for the running node from the command line of its machine: a Unix socket in a folder that only the
/// owner of the node home can enter. The protocol is told in the launcher's `ControlClient`. At most 16 commands and
/// sessions run at once; at the bound the next waits. A command whose client goes away is cancelled.
@Component(service = ControlSocket.class, immediate = true)
public final class ControlSocket {
    private static final Logger LOG = System.getLogger(ControlSocket.class.getName());
    private static final int MAX_WORDS = 20_000;
    private static final int MAX_WORD = 64 << 10;
    private static final int MAX_CONNECTIONS = 16;
    /// In place of a number of words: a session.
    private static final int SESSION = -1;

    private static final int OUTPUT = 1;
    private static final int ERROR = 2;
    private static final int EXIT = 3;
    private static final int SEND_INPUT = 6;
    /// Longest path of a Unix socket on any of the supported systems.
    private static final int MAX_PATH = 100;

    /// Whoever can open the socket owns the node.
    private static final Shell.User OWNER =
            new Shell.User("operator", System.getProperty("user.name"), Access.FULL, Shell.Origin.CONTROL_SOCKET);

    private final Shell shell;
    private final ServerSocketChannel server;
    private final Path socket;
    private final Path pointer;
    private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);

    @Activate
    public ControlSocket(BundleContext context, @Reference Shell shell) throws IOException {
        this.shell = shell;
        Path run = Path.of(context.getProperty("mycelium.home"), "run");
        this.pointer = run.resolve("control");
        this.socket = place(run);
        Files.deleteIfExists(socket);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(pointer, socket.toString());
        Thread.ofPlatform().daemon().name("control-socket").start(this::accept);
    }

    /// A home with a long path gets a private folder for its socket elsewhere.
    private static Path place(Path run) throws IOException {
        Path near = run.resolve("node.sock");
        return near.toString().length() <= MAX_PATH
                ? near
                : Files.createTempDirectory("mycelium").resolve("node.sock");
    }

    @Deactivate
    void deactivate() throws IOException {
        server.close();
        Files.deleteIfExists(pointer);
        Files.deleteIfExists(socket);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                slots.acquire();
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("control").start(() -> serve(client));
            } catch (AsynchronousCloseException e) {
                return;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                slots.release();
                LOG.log(Level.WARNING, "a command could not be accepted", e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            var in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(client)));
            var answer = new DataOutputStream(Channels.newOutputStream(client));
            int count = in.readInt();
            int exit = count == SESSION ? interact(in, answer) : execute(words(in, count), in, answer);
            synchronized (answer) {
                answer.writeByte(EXIT);
                answer.writeInt(4);
                answer.writeInt(exit);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a client of the control socket broke off: {0}", e.toString());
        } finally {
            slots.release();
        }
    }

    private int execute(List<String> words, DataInputStream in, DataOutputStream answer) {
        try (var input = new ControlInput(in, () -> request(answer))) {
            Shell.Call call = shell.begin(words, input, new Frames(answer, OUTPUT), new Frames(answer, ERROR), OWNER);
            input.start(() -> call.cancel("its caller went away"));
            return call.await();
        }
    }

    private int interact(DataInputStream in, DataOutputStream answer) throws IOException {
        var screen = new Shell.Screen(word(in), in.readUnsignedShort(), in.readUnsignedShort());
        try (var input = new ControlInput(in, () -> request(answer))) {
            Shell.Session session = shell.open(input, new Frames(answer, OUTPUT), screen, OWNER);
            input.start(new ControlInput.Listener() {
                @Override
                public void resized(int columns, int rows) {
                    session.resize(columns, rows);
                }

                @Override
                public void gone() {
                    session.hangUp();
                }
            });
            session.run();
            return 0;
        }
    }

    private static void request(DataOutputStream answer) throws IOException {
        synchronized (answer) {
            answer.writeByte(SEND_INPUT);
            answer.writeInt(0);
        }
    }

    private static List<String> words(DataInputStream in, int count) throws IOException {
        if (count < 0 || count > MAX_WORDS) {
            throw new IOException("a command of " + count + " words");
        }
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(word(in));
        }
        return words;
    }

    private static String word(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_WORD) {
            throw new IOException("a word of " + length + " bytes");
        }
        byte[] word = in.readNBytes(length);
        if (word.length < length) {
            throw new EOFException("the client went away within a word");
        }
        return new String(word, StandardCharsets.UTF_8);
    }

    /// Wraps each write into one frame.
    private static final class Frames extends OutputStream {
        private static final int MAX_FRAME = 64 << 10;
        private final DataOutputStream out;
        private final int kind;

        Frames(DataOutputStream out, int kind) {
            this.out = out;
            this.kind = kind;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            synchronized (out) {
                for (int at = 0; at < length; at += MAX_FRAME) {
                    int n = Math.min(MAX_FRAME, length - at);
                    var frame = ByteBuffer.allocate(5 + n)
                            .put((byte) kind)
                            .putInt(n)
                            .put(bytes, offset + at, n);
                    out.write(frame.array());
                }
            }
        }
    }
}
