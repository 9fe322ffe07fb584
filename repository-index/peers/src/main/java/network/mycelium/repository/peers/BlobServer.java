package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;

/// Gives members what this node has, and what it has so far of what it fetches itself.
final class BlobServer implements ProtocolHandler {
    private static final int MAX_FILES = 64;
    private static final int PIECE = 64 * 1024;

    /// Where the files are.
    interface Shelf {
        /// @return empty if it is not here
        Optional<SeekableByteChannel> open(String sha256) throws IOException;
    }

    private final Shelf shelf;
    private final Function<String, Optional<Transfer>> underWay;
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
        stream.timeout(BlobProtocol.PATIENCE.multipliedBy(2));
        for (Request request; (request = BlobProtocol.readRequest(stream)) != null; ) {
            Optional<Transfer> coming = underWay.apply(request.sha256());
            if (coming.isPresent()) {
                give(stream, request, coming.get());
            } else {
                give(stream, request, shelf.open(request.sha256()));
            }
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
        if (request.length() == 0 && request.known() >= 0) {
            coming.awaitMore(request.known(), BlobProtocol.WAIT);
        }
        BitSet here = coming.here();
        BlobProtocol.write(stream, new Answer(coming.size(), Optional.of(here), given(request)));
        // Where a chunk is asked for that is not here nothing follows: the asker sees that in the answer.
        if (coming.covers(here, request.offset(), request.length())) {
            stream.write(coming.bytes(), (int) request.offset(), request.length());
        }
    }

    private void give(Stream stream, Request request, Optional<SeekableByteChannel> found) throws IOException {
        if (found.isEmpty()) {
            BlobProtocol.write(stream, Answer.NOTHING);
            return;
        }
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, Math.max(request.length(), 1)));
        try (SeekableByteChannel file = found.get()) {
            BlobProtocol.write(stream, new Answer(file.size(), Optional.empty(), given(request)));
            file.position(Math.min(request.offset(), file.size()));
            for (int left = request.length(); left > 0; ) {
                piece.clear().limit(Math.min(left, piece.capacity()));
                int n = file.read(piece);
                if (n < 0) {
                    break;
                }
                stream.write(piece.array(), 0, n);
                left -= n;
            }
        }
    }
}
