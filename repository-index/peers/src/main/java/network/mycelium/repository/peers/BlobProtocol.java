package network.mycelium.repository.peers;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Optional;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Parts of files by their SHA-256, over and over on one stream: a request, then what there is of the file and the
/// bytes asked for. Who still fetches a file gives what it has already. What comes is checked by who asked.
final class BlobProtocol {
    static final String ID = "/mycelium/blobs/1.0.0";
    /// The most bytes of one request.
    static final int MAX_LENGTH = 1 << 20;

    /// How long the other side may take for one message.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /// How long a request waits for more of a file.
    static final Duration WAIT = Duration.ofSeconds(1);

    /// How long a message may take from its first byte on, with the bytes that follow it.
    static final int MESSAGE_PATIENCES = 6;

    static final int MAX_CHUNKS = 32 * 1024;
    private static final long MAX_FILE = Integer.MAX_VALUE;
    private static final int MAX_REQUEST = 256;
    private static final int MAX_ANSWER = 16 * 1024;
    private static final int DIGEST = 32;

    /// Asks for so many bytes. If there are none of them yet, the answer says what there is.
    ///
    /// @param sha256 64 hexadecimal digits
    /// @param known with a length of 0: answer when there are more chunks than so many, or after [#WAIT]; if -1, at
    ///     once
    /// @param chunk the number of the chunk that is asked for; -1 where there are none
    record Request(String sha256, long offset, int length, int known, int chunk) {}

    /// Comes before the bytes.
    ///
    /// @param size of the whole file; -1 if there is nothing of it
    /// @param chunks what there is, where that is not all
    /// @param given what was given to anybody: who asks for something else spreads the file faster
    record Answer(long size, Optional<BitSet> chunks, BitSet given) {
        static final Answer NOTHING = new Answer(-1, Optional.empty(), new BitSet());
    }

    private BlobProtocol() {}

    static void write(Stream stream, Request request) throws IOException {
        Delimited.write(
                stream,
                new ProtoWriter()
                        .bytes(1, HexFormat.of().parseHex(request.sha256()))
                        .varint(2, request.offset())
                        .varint(3, request.length())
                        .varint(4, request.known() + 1L)
                        .varint(5, request.chunk() + 1L)
                        .toBytes());
    }

    /// @return null at the end
    /// @throws IOException if it is none, or a number in it is not within its bounds
    static Request readRequest(InputStream stream) throws IOException {
        byte[] message = Delimited.readOrEnd(stream, MAX_REQUEST);
        if (message == null) {
            return null;
        }
        try {
            return request(new ProtoReader(message));
        } catch (IllegalArgumentException e) {
            throw new IOException("A request is not understood: " + e.getMessage(), e);
        }
    }

    private static Request request(ProtoReader in) {
        byte[] digest = new byte[0];
        long offset = 0;
        long length = 0;
        long known = -1;
        long chunk = -1;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> digest = in.bytes();
                case 2 -> offset = number(in, "offset", MAX_FILE);
                case 3 -> length = number(in, "length", MAX_LENGTH);
                case 4 -> known = number(in, "number of known chunks", MAX_CHUNKS + 1) - 1;
                case 5 -> chunk = number(in, "chunk", MAX_CHUNKS) - 1;
                default -> {}
            }
        }
        if (digest.length != DIGEST) {
            throw new IllegalArgumentException("its digest has %d bytes".formatted(digest.length));
        }
        return new Request(HexFormat.of().formatHex(digest), offset, (int) length, (int) known, (int) chunk);
    }

    /// Before anything is computed of it: what comes as 64 bits may be negative.
    private static long number(ProtoReader in, String what, long max) {
        long value = in.varint();
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("its %s is %d, at most %d is taken".formatted(what, value, max));
        }
        return value;
    }

    private static BitSet chunks(ProtoReader in) {
        if (in.length() > MAX_CHUNKS / Byte.SIZE) {
            throw new IllegalArgumentException("it has more than %d chunks".formatted(MAX_CHUNKS));
        }
        return BitSet.valueOf(in.bytes());
    }

    static void write(Stream stream, Answer answer) throws IOException {
        var out = new ProtoWriter().varint(1, answer.size() + 1);
        answer.chunks().ifPresent(chunks -> out.bytes(2, chunks.toByteArray()));
        out.bytes(3, answer.given().toByteArray());
        Delimited.write(stream, out.toBytes());
    }

    /// @throws IOException if it is none, or a number in it is not within its bounds
    static Answer readAnswer(InputStream stream) throws IOException {
        try {
            var in = new ProtoReader(Delimited.read(stream, MAX_ANSWER));
            long size = -1;
            Optional<BitSet> chunks = Optional.empty();
            BitSet given = new BitSet();
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> size = number(in, "size", MAX_FILE + 1) - 1;
                    case 2 -> chunks = Optional.of(chunks(in));
                    case 3 -> given = chunks(in);
                    default -> {}
                }
            }
            return new Answer(size, chunks, given);
        } catch (IllegalArgumentException e) {
            throw new IOException("An answer is not understood: " + e.getMessage(), e);
        }
    }
}
