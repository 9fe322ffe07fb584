package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryIndex;

/// What a bundle has in common with other versions of it that this node holds, so that only the difference travels.
final class NearbyChunks implements Transfer.Nearby {
    static final Transfer.Nearby NONE = chunk -> null;

    private record Place(String bundle, long offset) {}

    private final BundleStore store;
    private final Map<Chunk, Place> places = new HashMap<>();

    NearbyChunks(BundleRef wanted, RepositoryIndex indexes, BundleStore store) {
        this.store = store;
        for (BundleRef other : indexes.search(wanted.symbolicName())) {
            boolean related = other.symbolicName().equals(wanted.symbolicName())
                    && !other.sha256().equals(wanted.sha256());
            if (related && store.contains(other.sha256())) {
                long offset = 0;
                for (Chunk chunk : other.chunks()) {
                    places.put(chunk, new Place(other.sha256(), offset));
                    offset += chunk.size();
                }
            }
        }
    }

    @Override
    public byte[] find(Chunk chunk) throws IOException {
        Place place = places.get(chunk);
        Optional<SeekableByteChannel> found = place == null ? Optional.empty() : store.open(place.bundle());
        if (found.isEmpty()) {
            return null;
        }
        try (SeekableByteChannel file = found.get()) {
            ByteBuffer bytes = ByteBuffer.allocate(chunk.size());
            file.position(place.offset());
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                // It counts itself.
            }
            // Whoever takes it checks it.
            return bytes.hasRemaining() ? null : bytes.array();
        }
    }
}
