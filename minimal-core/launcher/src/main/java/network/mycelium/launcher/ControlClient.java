package network.mycelium.launcher;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Sends one command line to the running node over its control socket and copies the answer; `shell` alone opens a
/// session there for this terminal.
///
/// Protocol: the client writes the number of words (4 bytes), then each word as length (4 bytes) and UTF-8. For a
/// session it writes -1, the type of its terminal as a word, and its columns and rows (2 bytes each). Then both send
/// frames of kind (1 byte) and length (4 bytes) with that many bytes. The node: 1 output, 2 error output, 3 the exit
/// code in 4 bytes, which ends the answer, 6 that it wants the client's input. The client: 4 input, of which a frame
/// without bytes is the end, 5 new columns and rows. When the client goes away its command is cancelled.
final class ControlClient {
    static final int SESSION = -1;
    static final int INPUT = 4;
    static final int SIZE = 5;
    private static final int MAX_FRAME = 1 << 20;

    private ControlClient() {}

    static int run(Path home, List<String> words) throws LaunchException, IOException {
        try (var channel = connect(home)) {
            var in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)));
            var out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
            if (words.equals(List.of("shell"))) {
                try (var terminal = AttachedTerminal.open()) {
                    terminal.send(out);
                    return copyAnswer(in, out);
                }
            }
            send(out, words);
            return copyAnswer(in, out);
        }
    }

    private static SocketChannel connect(Path home) throws LaunchException {
        Path pointer = home.resolve("run/control");
        try {
            var address = UnixDomainSocketAddress.of(Files.readString(pointer).strip());
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(address);
            return channel;
        } catch (IOException e) {
            throw new LaunchException(
                    ExitCode.NO_NODE,
                    "No node is running in %s. Start one with `mycelium up`, or name its home with --home DIR."
                            .formatted(home),
                    e);
        }
    }

    private static void send(DataOutputStream out, List<String> words) throws IOException {
        out.writeInt(words.size());
        for (String word : words) {
            byte[] encoded = word.getBytes(StandardCharsets.UTF_8);
            out.writeInt(encoded.length);
            out.write(encoded);
        }
        out.flush();
    }

    /// On a thread that does not keep the process.
    static void sendInput(InputStream from, DataOutputStream out) {
        Thread.ofPlatform().daemon().name("input").start(() -> {
            byte[] buffer = new byte[8192];
            try {
                for (int n; (n = from.read(buffer)) >= 0; ) {
                    sendInput(out, buffer, n);
                }
                sendInput(out, buffer, 0);
            } catch (IOException e) {
                gone(e);
            }
        });
    }

    private static void sendInput(DataOutputStream out, byte[] buffer, int length) throws IOException {
        synchronized (out) {
            out.writeByte(INPUT);
            out.writeInt(length);
            out.write(buffer, 0, length);
            out.flush();
        }
    }

    /// What cannot be sent any more nobody waits for: the answer tells how it ended.
    static void gone(IOException e) {
        System.getLogger(ControlClient.class.getName()).log(Level.DEBUG, "the node takes no more input", e);
    }

    private static int copyAnswer(DataInputStream in, DataOutputStream out) throws IOException {
        try {
            while (true) {
                int kind = in.readUnsignedByte();
                int length = in.readInt();
                if (length < 0 || length > MAX_FRAME) {
                    throw new IOException("the node sent a frame of " + length + " bytes");
                }
                byte[] data = in.readNBytes(length);
                switch (kind) {
                    case 1 -> write(System.out, data);
                    case 2 -> write(System.err, data);
                    case 3 -> {
                        return ByteBuffer.wrap(data).getInt();
                    }
                    case 6 -> sendInput(System.in, out);
                    default -> throw new IOException("the node sent an unknown frame " + kind);
                }
            }
        } catch (EOFException e) {
            throw new IOException("the node went away before the answer was complete", e);
        }
    }

    private static void write(OutputStream out, byte[] data) throws IOException {
        out.write(data);
        out.flush();
    }
}
