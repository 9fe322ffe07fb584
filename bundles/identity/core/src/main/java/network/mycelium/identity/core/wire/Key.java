package network.mycelium.identity.core.wire;

import java.util.Arrays;
import network.mycelium.libp2p.PeerId;

/// A public key that may sign: Ed25519 always, in documents as libp2p's message PublicKey (36 bytes). Orders as
/// unsigned bytes.
///
/// @param point the 32 bytes of RFC 8032
public record Key(Hash point) implements Comparable<Key> {
    /// Bytes of the message PublicKey.
    public static final int SIZE = 36;

    private static final byte[] PREFIX = {8, 1, 0x12, 32};

    /// @param message libp2p's message PublicKey
    /// @throws MalformedDocument if it is not that of an Ed25519 key, in its one form
    public static Key of(byte[] message) {
        if (message.length != SIZE || !Arrays.equals(message, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            throw new MalformedDocument("a key is a libp2p PublicKey of type Ed25519, 36 bytes");
        }
        return new Key(Hash.of(Arrays.copyOfRange(message, PREFIX.length, SIZE)));
    }

    /// libp2p's message PublicKey.
    public byte[] message() {
        byte[] message = Arrays.copyOf(PREFIX, SIZE);
        System.arraycopy(point.bytes(), 0, message, PREFIX.length, Hash.SIZE);
        return message;
    }

    /// The peer id of who has this key.
    public String peer() {
        return PeerId.ofPublicKey(message()).toString();
    }

    @Override
    public int compareTo(Key that) {
        return point.compareTo(that.point);
    }

    @Override
    public String toString() {
        return peer();
    }
}
