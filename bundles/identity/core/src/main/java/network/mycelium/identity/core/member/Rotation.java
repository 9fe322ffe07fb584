package network.mycelium.identity.core.member;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A member's own word that another key takes the place of its present one. Signed by both.
///
/// @param member the member's id
/// @param generation of its certificate
public record Rotation(Hash network, String member, int generation, Key old, Key next) {
    public static final int MAX_SIZE = 512;

    /// @throws MalformedDocument if it is none
    public static Rotation parse(byte[] bytes) {
        return Fields.canonical("rotation", bytes, MAX_SIZE, Rotation::read, Rotation::write);
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    private static Rotation read(ProtoReader in) {
        Hash network = null;
        String member = "";
        int generation = 0;
        Key old = null;
        Key next = null;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> network = Hash.of(in.bytes());
                case 2 -> member = in.text();
                case 3 -> generation = Fields.number(in);
                case 4 -> old = Key.of(in.bytes());
                case 5 -> next = Key.of(in.bytes());
                default -> throw new MalformedDocument("a rotation has an unknown field");
            }
        }
        Fields.require(
                network != null && !member.isEmpty() && generation >= 1 && old != null && next != null,
                "a rotation names network, member, generation and both keys");
        Fields.require(!old.equals(next), "a rotation names another key than the old one");
        return new Rotation(network, member, generation, old, next);
    }

    private ProtoWriter write() {
        return new ProtoWriter()
                .bytes(1, network.bytes())
                .text(2, member)
                .varint(3, generation)
                .bytes(4, old.message())
                .bytes(5, next.message());
    }
}
