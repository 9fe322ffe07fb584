package network.mycelium.repository.peers;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.TimedInput;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;

/// Gives members what this node has, and what it has so far of what it fetches itself: piece by piece from the disk, to
/// at most [#MAX_GIVEN] requests at once and [#MAX_GIVEN_TO_ONE] of one member.
final class BlobServer implements ProtocolHandler {
    private static final int MAX_FILES = 64;
    private static final int PIECE = 64 * 1024;
    private static final int MAX_GIVEN = 32;
    private static final int MAX_GIVEN_TO_ONE = 4;
    /// How long a member may take for the bytes of one request.
    private static final Duration LIMIT = BlobProtocol.PATIENCE.multipliedBy(BlobProtocol.MESSAGE_PATIENCES);

    private static final Duration SILENCE = BlobProtocol.PATIENCE.multipliedBy(2);

    /// Where the files are.
    interface Shelf {
        /// @return empty if it is not here
        Optional<SeekableByteChannel> open(String sha256) throws IOException;
    }

    private final Shelf shelf;
    private final Function<String, Optional<Transfer>> underWay;
    private final Turns turns = new Turns(MAX_GIVEN, MAX_GIVEN_TO_ONE, LIMIT);
    /// Which chunks were given to anybody, by file; of the files asked for last. Guarded by itself.
    private final Map<String, BitSet> given = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BitSet> eldest) {
            return size() > MAX_FILES;
        }
    };

    BlobServer(Shelf shelf, Function<String, Optional<Transfer>> underWay) {
        this.shelf = shelf;
        this.underWay = underWay;
    }

    @Override
    public void handle(Stream stream) throws IOException {
        var in = new TimedInput(stream, SILENCE, BlobProtocol.PATIENCE);
        for (Request request; (request = BlobProtocol.readRequest(in)) != null; in.endMessage()) {
            Request asked = request;
            Optional<Transfer> coming = underWay.apply(request.sha256());
            if (coming.isPresent() && request.length() == 0 && request.known() >= 0) {
                coming.get().awaitMore(request.known(), BlobProtocol.WAIT);
            }
            turns.take(stream.peer(), () -> give(stream, asked, coming));
        }
    }

    private void give(Stream stream, Request request, Optional<Transfer> coming) throws IOException {
        stream.timeout(SILENCE);
        if (coming.isPresent()) {
            give(stream, request, coming.get());
        } else {
            giveFile(stream, request, shelf.open(request.sha256()));
        }
    }

    private BitSet given(Request request) {
        synchronized (given) {
            BitSet chunks = given.computeIfAbsent(request.sha256(), sha256 -> new BitSet());
            if (request.chunk() >= 0) {
                chunks.set(request.chunk());
            }
            return (BitSet) chunks.clone();
        }
    }

    private void give(Stream stream, Request request, Transfer coming) throws IOException {
        BitSet here = coming.here();
        BlobProtocol.write(stream, new Answer(coming.size(), Optional.of(here), given(request)));
        // Where a chunk is asked for that is not here nothing follows: the asker sees that in the answer.
        if (coming.covers(here, request.offset(), request.length())) {
            send(stream, request, coming::read);
        }
    }

    private void giveFile(Stream stream, Request request, Optional<SeekableByteChannel> found) throws IOException {
        if (found.isEmpty()) {
            BlobProtocol.write(stream, Answer.NOTHING);
            return;
        }
        try (SeekableByteChannel file = found.get()) {
            BlobProtocol.write(stream, new Answer(file.size(), Optional.empty(), given(request)));
            send(stream, request, (into, offset) -> file.position(offset).read(into));
        }
    }

    private interface Source {
        /// @return how many bytes were read, or -1 at the end
        int read(ByteBuffer into, long offset) throws IOException;
    }

    /// As much of what is asked for as there is.
    private static void send(Stream stream, Request request, Source source) throws IOException {
        if (request.length() == 0) {
            return;
        }
        long begin = System.nanoTime();
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, request.length()));
        for (int done = 0; done < request.length(); ) {
            piece.clear().limit(Math.min(request.length() - done, piece.capacity()));
            int n = source.read(piece, request.offset() + done);
            if (n < 0) {
                return;
            }
            long left = LIMIT.toNanos() - (System.nanoTime() - begin);
            if (left <= 0) {
                throw new SocketTimeoutException("The peer takes too long for what it asked for");
            }
            stream.timeout(Duration.ofNanos(Math.min(left, SILENCE.toNanos())));
            stream.write(piece.array(), 0, n);
            done += n;
        }
    }
}
