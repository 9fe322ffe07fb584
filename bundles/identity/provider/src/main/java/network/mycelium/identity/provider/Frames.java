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
        long size = Varint.read(in);
        if (size < 0) {
            throw new EOFException("The peer sent nothing more");
        }
        if (size > limit) {
            throw new IOException(
                    "The peer announces a message of %d bytes, at most %d are taken".formatted(size, limit));
        }
        byte[] message = in.readNBytes((int) size);
        if (message.length < size) {
            throw new EOFException("A message is cut off");
        }
        return message;
    }
}
