package network.mycelium.identity.provider;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.multiformats.Varint;

/// Messages on a stream, each after its length as a varint.
final class Frames {
    private Frames() {}

    static void write(Stream stream, byte[] message) throws IOException {
        var out = new ByteArrayOutputStream(message.length + 5);
        Varint.write(message.length, out);
        out.writeBytes(message);
        stream.write(out.toByteArray(), 0, out.size());
    }

    /// @throws IOException if it is longer than the limit; nothing of it is then held
    static byte[] read(Stream stream, int limit) throws IOException {
        InputStream in = stream.input();
        int size = 0;
        for (int shift = 0; ; shift += 7) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("The peer sent nothing more");
            }
            size |= (b & 0x7f) << shift;
            if (b < 0x80) {
                break;
            }
            if (shift == 21) {
                throw new IOException("The peer announces a message of more than 256 MiB");
            }
        }
        if (size > limit) {
            throw new IOException(
                    "The peer announces a message of %d bytes, at most %d are taken".formatted(size, limit));
        }
        byte[] message = in.readNBytes(size);
        if (message.length < size) {
            throw new EOFException("A message is cut off");
        }
        return message;
    }
}
