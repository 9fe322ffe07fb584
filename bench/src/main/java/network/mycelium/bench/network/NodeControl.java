package network.mycelium.bench.network;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Speaks to a running node over its control socket, without starting a process for each command.
public final class NodeControl {
    /// What a command answered.
    public record Answer(int exit, String out, String err) {
        /// @throws IllegalStateException if the command failed
        public Answer ok() {
            if (exit != 0) {
                throw new IllegalStateException("exit " + exit + ": " + err + out);
            }
            return this;
        }
    }

    private NodeControl() {}

    public static Answer send(Path home, String... words) throws IOException {
        var address = UnixDomainSocketAddress.of(
                Files.readString(home.resolve("run/control")).strip());
        try (var channel = SocketChannel.open(address)) {
            var bytes = new ByteArrayOutputStream();
            var request = new DataOutputStream(bytes);
            request.writeInt(words.length);
            for (String word : words) {
                byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
                request.writeInt(utf8.length);
                request.write(utf8);
            }
            channel.write(ByteBuffer.wrap(bytes.toByteArray()));
            var in = new DataInputStream(Channels.newInputStream(channel));
            var out = new StringBuilder();
            var err = new StringBuilder();
            while (true) {
                int kind = in.readUnsignedByte();
                byte[] data = in.readNBytes(in.readInt());
                switch (kind) {
                    case 1 -> out.append(new String(data, StandardCharsets.UTF_8));
                    case 2 -> err.append(new String(data, StandardCharsets.UTF_8));
                    default -> {
                        return new Answer(ByteBuffer.wrap(data).getInt(), out.toString(), err.toString());
                    }
                }
            }
        }
    }
}
