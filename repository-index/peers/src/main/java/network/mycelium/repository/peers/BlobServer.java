package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;

/// Gives members what this node has.
final class BlobServer implements ProtocolHandler {
    private static final int PIECE = 64 * 1024;

    /// Where the files are.
    interface Shelf {
        /// @return empty if it is not here
        Optional<SeekableByteChannel> open(String sha256) throws IOException;
    }

    private final Shelf shelf;

    BlobServer(Shelf shelf) {
        this.shelf = shelf;
    }

    @Override
    public void handle(Stream stream) throws IOException {
        stream.timeout(BlobProtocol.PATIENCE.multipliedBy(2));
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (BlobProtocol.Request request; (request = BlobProtocol.readRequest(stream)) != null; ) {
            Optional<SeekableByteChannel> found = shelf.open(request.sha256());
            if (found.isEmpty()) {
                BlobProtocol.writeSize(stream, -1);
                continue;
            }
            try (SeekableByteChannel file = found.get()) {
                BlobProtocol.writeSize(stream, file.size());
                file.position(Math.min(request.offset(), file.size()));
                for (int left = request.length(); left > 0; ) {
                    piece.clear().limit(Math.min(left, PIECE));
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
}
