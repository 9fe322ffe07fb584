package network.mycelium.libp2p.core.wire;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.multiformats.Varint;

/// Messages on a stream, each after its length as a varint.
public final class Delimited {
    private Delimited() {}

    /// A message as it goes onto the stream, in one piece.
    public static byte[] frame(byte[] message) {
        var out = new ByteArrayOutputStream(message.length + 5);
        Varint.write(message.length, out);
        out.writeBytes(message);
        return out.toByteArray();
    }

    public static void write(Stream stream, byte[] message) throws IOException {
        byte[] frame = frame(message);
        stream.write(frame, 0, frame.length);
    }

    /// @return null if the stream ends before a message
    /// @throws IOException if one is longer than the limit, of which nothing is then held, or is cut off
    public static byte[] readOrEnd(InputStream in, int limit) throws IOException {
        int size = size(in, limit);
        return size < 0 ? null : body(in, size);
    }

    /// The length that a message announces, so that memory for it can be had before it is read by [#body].
    ///
    /// @return less than 0 if the stream ends before a message
    /// @throws IOException if it is more than the limit
    public static int size(InputStream in, int limit) throws IOException {
        long size = Varint.read(in);
        if (size > limit) {
            throw new IOException(
                    "The peer announces a message of %d bytes, at most %d are taken".formatted(size, limit));
        }
        return (int) size;
    }

    /// A message whose length was read.
    ///
    /// @throws EOFException if it is cut off
    public static byte[] body(InputStream in, int size) throws IOException {
        byte[] message = in.readNBytes(size);
        if (message.length < size) {
            throw new EOFException("A message is cut off");
        }
        return message;
    }

    /// As [#readOrEnd], where a message must come.
    public static byte[] read(InputStream in, int limit) throws IOException {
        byte[] message = readOrEnd(in, limit);
        if (message == null) {
            throw new EOFException("The peer sent nothing more");
        }
        return message;
    }
}
