package network.mycelium.libp2p;

import network.mycelium.libp2p.multiformats.Cid;
import network.mycelium.libp2p.multiformats.Multibase;
import network.mycelium.libp2p.multiformats.Multicodec;
import network.mycelium.libp2p.multiformats.Multihash;

/// Who a peer is: the multihash of its public key, as in libp2p/specs peer-ids. A key of at most 42 bytes is the
/// hash itself, so an Ed25519 key can be read from the id.
public record PeerId(Multihash hash) implements Comparable<PeerId> {
    private static final int MAX_INLINE_KEY = 42;

    public PeerId {
        if (hash.code() != Multicodec.IDENTITY.code() && hash.code() != Multicodec.SHA2_256.code()) {
            throw new IllegalArgumentException("A peer id is an identity or a SHA-256 multihash, not " + hash);
        }
    }

    /// @param publicKey the protobuf message PublicKey
    public static PeerId ofPublicKey(byte[] publicKey) {
        return new PeerId(Multihash.digest(
                publicKey.length <= MAX_INLINE_KEY ? Multicodec.IDENTITY : Multicodec.SHA2_256, publicKey));
    }

    /// @param text base58btc as usual, or a CID of the codec libp2p-key
    /// @throws IllegalArgumentException if it is neither
    public static PeerId parse(String text) {
        try {
            if (text.startsWith("1") || text.startsWith("Qm")) {
                return new PeerId(Multihash.parse(Multibase.BASE58_BTC.decodeBare(text)));
            }
            Cid cid = Cid.parse(text);
            if (cid.codec() != Multicodec.LIBP2P_KEY.code()) {
                throw new IllegalArgumentException("its codec is not libp2p-key");
            }
            return new PeerId(cid.hash());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"%s\" is no peer id: %s".formatted(text, e.getMessage()), e);
        }
    }

    public static PeerId parse(byte[] bytes) {
        return new PeerId(Multihash.parse(bytes));
    }

    public byte[] bytes() {
        return hash.bytes();
    }

    /// The last eight characters, for tables and logs.
    public String brief() {
        String text = toString();
        return text.substring(text.length() - 8);
    }

    @Override
    public int compareTo(PeerId other) {
        return java.util.Arrays.compareUnsigned(bytes(), other.bytes());
    }

    @Override
    public String toString() {
        return Multibase.BASE58_BTC.encodeBare(hash.bytes());
    }
}
