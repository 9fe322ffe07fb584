package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A signature of a document, not verified yet.
///
/// @param signature 64 bytes, not copied
public record Signature(Key key, byte[] signature) {
    public static final int SIZE = 64;

    static Signature read(ProtoReader in) {
        Key key = null;
        byte[] signature = {};
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> key = Key.of(in.bytes());
                case 2 -> signature = in.bytes();
                default -> Fields.require(false, "a signature has an unknown field");
            }
        }
        Fields.require(key != null && signature.length == SIZE, "a signature is a key and 64 bytes");
        return new Signature(key, signature);
    }

    ProtoWriter write() {
        return new ProtoWriter().bytes(1, key.message()).bytes(2, signature);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature that
                && key.equals(that.key)
                && java.util.Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }
}
