package network.mycelium.libp2p.core.keys;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;

/// The last used Ed25519 keys as points of the curve: to decode one takes an eighth of a verification, and a node
/// verifies the same few signers again and again. Bounded; safe from any thread.
final class Ed25519Points {
    private static final int MAX_POINTS = 256;

    private static final Map<ByteBuffer, PublicPoint> POINTS = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, PublicPoint> eldest) {
            return size() > MAX_POINTS;
        }
    };

    private Ed25519Points() {}

    static boolean verify(byte[] key, byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && point(key)
                        .filter(point -> Ed25519.verify(signature, 0, point, message, 0, message.length))
                        .isPresent();
    }

    private static Optional<PublicPoint> point(byte[] key) {
        ByteBuffer name = ByteBuffer.wrap(key);
        synchronized (POINTS) {
            PublicPoint known = POINTS.get(name);
            if (known != null) {
                return Optional.of(known);
            }
        }
        // Partially, as RFC 8032 asks and as a verification by the key itself does.
        PublicPoint decoded = Ed25519.validatePublicKeyPartialExport(key, 0);
        if (decoded != null) {
            synchronized (POINTS) {
                POINTS.put(ByteBuffer.wrap(key.clone()), decoded);
            }
        }
        return Optional.ofNullable(decoded);
    }
}
