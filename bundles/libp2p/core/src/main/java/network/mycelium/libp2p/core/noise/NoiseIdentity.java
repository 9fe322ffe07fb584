package network.mycelium.libp2p.core.noise;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.core.keys.NodeKey;

/// A node's static X25519 key, signed by its identity: made once, used for every handshake of a process.
///
/// @param publicKey the identity's protobuf message PublicKey
public record NoiseIdentity(byte[] secret, byte[] point, byte[] publicKey, byte[] signature) {
    private static final byte[] SIGNED = "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);

    /// @param random of cryptographic strength
    public static NoiseIdentity of(NodeKey key, RandomGenerator random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        byte[] point = HandshakeState.publicKey(secret);
        return new NoiseIdentity(secret, point, key.publicKey().message(), key.sign(signed(point)));
    }

    static byte[] signed(byte[] staticKey) {
        byte[] both = new byte[SIGNED.length + staticKey.length];
        System.arraycopy(SIGNED, 0, both, 0, SIGNED.length);
        System.arraycopy(staticKey, 0, both, SIGNED.length, staticKey.length);
        return both;
    }
}
