package network.mycelium.repository.peers;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HexFormat;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Varint;

/// Parts of files by their SHA-256, over and over on one stream: a request, then the file's size and the bytes asked
/// for. What comes is checked by who asked.
final class BlobProtocol {
    static final String ID = "/mycelium/blobs/1.0.0";
    /// The most bytes of one request.
    static final int MAX_LENGTH = 1 << 20;

    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_HEADER = 128;
    private static final int DIGEST = 32;

    /// @param sha256 64 hexadecimal digits
    record Request(String sha256, long offset, int length) {}

    private BlobProtocol() {}

    static void write(Stream stream, Request request) throws IOException {
        frame(
                stream,
                new ProtoWriter()
                        .bytes(1, HexFormat.of().parseHex(request.sha256()))
                        .varint(2, request.offset())
                        .varint(3, request.length())
                        .toBytes());
    }

    /// @return null at the end
    static Request readRequest(Stream stream) throws IOException {
        byte[] message = readFrame(stream.input());
        if (message == null) {
            return null;
        }
        try {
            var in = new ProtoReader(message);
            byte[] digest = new byte[0];
            long offset = 0;
            long length = 0;
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> digest = in.bytes();
                    case 2 -> offset = in.varint();
                    case 3 -> length = in.varint();
                    default -> {}
                }
            }
            if (digest.length != DIGEST || offset < 0 || length < 0 || length > MAX_LENGTH) {
                throw new IOException("A request for %d bytes at %d".formatted(length, offset));
            }
            return new Request(HexFormat.of().formatHex(digest), offset, (int) length);
        } catch (IllegalArgumentException e) {
            throw new IOException("A request is not understood", e);
        }
    }

    /// @param size -1 if the file is not here
    static void writeSize(Stream stream, long size) throws IOException {
        frame(stream, new ProtoWriter().varint(1, size + 1).toBytes());
    }

    /// @return -1 if the other side does not have the file
    static long readSize(Stream stream) throws IOException {
        byte[] message = readFrame(stream.input());
        if (message == null) {
            throw new EOFException("The peer hung up");
        }
        try {
            var in = new ProtoReader(message);
            long size = -1;
            for (int field; (field = in.next()) != 0; ) {
                if (field == 1) {
                    size = in.varint() - 1;
                }
            }
            return size;
        } catch (IllegalArgumentException e) {
            throw new IOException("An answer is not understood", e);
        }
    }

    private static void frame(Stream stream, byte[] message) throws IOException {
        var out = new ByteArrayOutputStream(message.length + 2);
        Varint.write(message.length, out);
        out.writeBytes(message);
        stream.write(out.toByteArray(), 0, out.size());
    }

    private static byte[] readFrame(InputStream in) throws IOException {
        int size = in.read();
        if (size < 0) {
            return null;
        }
        if (size > MAX_HEADER - 1) {
            throw new IOException("A header of more than %d bytes".formatted(MAX_HEADER - 1));
        }
        byte[] message = in.readNBytes(size);
        if (message.length < size) {
            throw new EOFException("A header is cut off");
        }
        return message;
    }
}
