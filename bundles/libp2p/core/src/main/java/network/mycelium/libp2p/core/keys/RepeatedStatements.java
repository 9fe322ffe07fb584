package network.mycelium.libp2p.core.keys;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Verifies what a peer signs once and shows with each connection: its Noise static key and its peer record. The last
/// that were found true are remembered by their hash, for a verification is a large part of a handshake. What is false
/// is never remembered. Safe from any thread.
public final class RepeatedStatements {
    /// One for the process: whether a signature is right does not depend on who asks.
    public static final RepeatedStatements SHARED = new RepeatedStatements(512);

    private final Map<ByteBuffer, Boolean> known;

    /// @param max how many are remembered
    RepeatedStatements(int max) {
        this.known = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
                return size() > max;
            }
        };
    }

    /// The same as [PublicKey#verify], of the same arguments.
    public boolean verify(PublicKey key, byte[] message, byte[] signature) {
        ByteBuffer name = name(key, message, signature);
        synchronized (known) {
            if (known.get(name) != null) {
                return true;
            }
        }
        boolean verified = key.verify(message, signature);
        if (verified) {
            synchronized (known) {
                known.put(name, true);
            }
        }
        return verified;
    }

    int size() {
        synchronized (known) {
            return known.size();
        }
    }

    private static ByteBuffer name(PublicKey key, byte[] message, byte[] signature) {
        try {
            var hash = MessageDigest.getInstance("SHA-256");
            for (byte[] part : new byte[][] {key.message(), message, signature}) {
                // With the lengths, so that no byte can move from one part to the next.
                hash.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
                hash.update(part);
            }
            return ByteBuffer.wrap(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }
}
