package network.mycelium.libp2p.core.keys;

import java.util.Arrays;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// A node's own Ed25519 key (RFC 8032). Safe from any thread.
public final class NodeKey {
    /// Bytes of a seed.
    public static final int SEED_SIZE = Ed25519.SECRET_KEY_SIZE;

    private final byte[] seed;
    private final PublicKey publicKey;
    private final PeerId peerId;
    /// Whether the public half was worked out from the seed. With another one a signature would give the seed away.
    private volatile boolean proven;

    /// @param seed 32 random bytes, the secret
    public NodeKey(byte[] seed) {
        if (seed.length != SEED_SIZE) {
            throw new IllegalArgumentException(
                    "An Ed25519 seed has %d bytes, not %d".formatted(SEED_SIZE, seed.length));
        }
        this.seed = seed.clone();
        this.publicKey = new PublicKey(KeyType.ED25519, point(this.seed));
        this.peerId = publicKey.peerId();
        this.proven = true;
    }

    private NodeKey(byte[] seed, byte[] point) {
        this.seed = seed;
        this.publicKey = new PublicKey(KeyType.ED25519, point);
        this.peerId = publicKey.peerId();
    }

    private static byte[] point(byte[] seed) {
        byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, point, 0);
        return point;
    }

    /// Does not look yet whether its two halves fit, which takes 50 ms on a cold JVM: see [#prove].
    ///
    /// @param message the protobuf message PrivateKey, type Ed25519: seed and public key
    /// @throws IllegalArgumentException if it is none
    public static NodeKey parse(byte[] message) {
        var in = new ProtoReader(message);
        long type = -1;
        byte[] data = new byte[0];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> type = in.varint();
                case 2 -> data = in.bytes();
                default -> {}
            }
        }
        if (type != KeyType.ED25519.ordinal() || data.length < 64) {
            throw new IllegalArgumentException("A node's key is an Ed25519 private key of 64 bytes");
        }
        return new NodeKey(Arrays.copyOf(data, SEED_SIZE), Arrays.copyOfRange(data, SEED_SIZE, 64));
    }

    /// Checks that the two halves of the key fit. Done before anything is signed, at the latest.
    ///
    /// @throws IllegalStateException if they do not: then nothing is ever signed with it
    public void prove() {
        if (!proven) {
            if (!Arrays.equals(publicKey.data(), point(seed))) {
                throw new IllegalStateException("the key is damaged: its public half does not fit the secret half");
            }
            proven = true;
        }
    }

    /// The protobuf message PrivateKey. Keep it secret.
    public byte[] message() {
        byte[] both = Arrays.copyOf(seed, 64);
        System.arraycopy(publicKey.data(), 0, both, SEED_SIZE, 32);
        return new ProtoWriter()
                .varint(1, KeyType.ED25519.ordinal())
                .bytes(2, both)
                .toBytes();
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    public PeerId peerId() {
        return peerId;
    }

    /// @throws IllegalStateException if the key is damaged
    public byte[] sign(byte[] message) {
        prove();
        return Ed25519Signatures.sign(seed, publicKey.data(), message);
    }
}
