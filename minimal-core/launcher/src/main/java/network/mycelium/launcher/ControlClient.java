package network.mycelium.launcher;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Sends one command line to the running node over its control socket and copies the answer.
///
/// Protocol: the client writes the number of words (4 bytes), then each word as length (4 bytes) and UTF-8. The
/// node answers frames of kind (1 byte: 1 output, 2 error output, 3 exit) and length (4 bytes) with that many
/// bytes; an exit frame holds the exit code in 4 bytes and ends the answer.
final class ControlClient {
    private static final int MAX_FRAME = 1 << 20;

    private ControlClient() {}

    static int run(Path home, List<String> words) throws LaunchException, IOException {
        try (var channel = connect(home)) {
            send(channel, words);
            return copyAnswer(new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel))));
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

    private static void send(SocketChannel channel, List<String> words) throws IOException {
        var encoded =
                words.stream().map(w -> w.getBytes(StandardCharsets.UTF_8)).toList();
        var request = ByteBuffer.allocate(
                4 + encoded.stream().mapToInt(w -> 4 + w.length).sum());
        request.putInt(encoded.size());
        encoded.forEach(w -> request.putInt(w.length).put(w));
        request.flip();
        while (request.hasRemaining()) {
            channel.write(request);
        }
    }

    private static int copyAnswer(DataInputStream in) throws IOException {
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
                default -> throw new IOException("the node sent an unknown frame " + kind);
            }
        }
    }

    private static void write(OutputStream out, byte[] data) throws IOException {
        out.write(data);
        out.flush();
    }
}
