package network.mycelium.libp2p.core.keys;

import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;

/// Ed25519 by BouncyCastle, in Java: works everywhere. Safe from any thread.
final class BouncyCastleEd25519 implements Ed25519Algorithm {
    // Partially, as RFC 8032 asks and as a verification by the key itself does.
    private final RecentKeys<PublicPoint> points = new RecentKeys<>(
            key -> key.length == Ed25519.PUBLIC_KEY_SIZE ? Ed25519.validatePublicKeyPartialExport(key, 0) : null);

    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, publicKey, 0, null, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        if (signature.length != Ed25519.SIGNATURE_SIZE) {
            return false;
        }
        PublicPoint point = points.get(publicKey);
        return point != null && Ed25519.verify(signature, 0, point, message, 0, message.length);
    }
}
