package network.mycelium.libp2p.core.keys;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// The last used Ed25519 keys, decoded: to decode one takes an eighth of a verification, and a node verifies the same
/// few signers again and again. Bounded; safe from any thread.
///
/// @param <K> what a key is decoded to
final class RecentKeys<K> {
    private static final int MAX_KEYS = 256;

    private final Function<byte[], K> decoder;

    private final Map<ByteBuffer, K> decoded = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, K> eldest) {
            return size() > MAX_KEYS;
        }
    };

    /// @param decoder null where the bytes are no key
    RecentKeys(Function<byte[], K> decoder) {
        this.decoder = decoder;
    }

    /// @return null where the bytes are no key
    K get(byte[] key) {
        ByteBuffer name = ByteBuffer.wrap(key);
        synchronized (decoded) {
            K known = decoded.get(name);
            if (known != null) {
                return known;
            }
        }
        K made = decoder.apply(key);
        if (made != null) {
            synchronized (decoded) {
                decoded.put(ByteBuffer.wrap(key.clone()), made);
            }
        }
        return made;
    }
}
