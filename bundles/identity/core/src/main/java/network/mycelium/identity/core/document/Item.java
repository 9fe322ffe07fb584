package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Anything that nodes give to each other, or that lies on the disk: says what the bytes are.
public sealed interface Item {
    int MAX_SIZE = RootList.MAX_SIZE + 16;

    record OfCharter(Signed signed) implements Item {}

    record OfStatement(Signed signed) implements Item {}

    record OfRotation(Signed signed) implements Item {}

    record OfRoot(RootList list) implements Item {}

    /// @throws MalformedDocument if it is none; the documents in it are not looked at yet
    static Item parse(byte[] bytes) {
        Fields.require(bytes.length <= MAX_SIZE, "an item has at most %d bytes".formatted(MAX_SIZE));
        return Fields.canonical("item", bytes, MAX_SIZE, Item::read, Item::write);
    }

    default byte[] toBytes() {
        return write(this).toBytes();
    }

    private static Item read(ProtoReader in) {
        int field = in.next();
        byte[] content = field == 0 ? new byte[0] : in.bytes();
        Fields.require(in.next() == 0, "an item is one thing");
        return switch (field) {
            case 1 -> new OfCharter(Signed.parse(content));
            case 2 -> new OfStatement(Signed.parse(content));
            case 3 -> new OfRotation(Signed.parse(content));
            case 4 -> new OfRoot(RootList.parse(content));
            default -> throw new MalformedDocument("an item of an unknown kind");
        };
    }

    private static ProtoWriter write(Item item) {
        return switch (item) {
            case OfCharter(Signed signed) -> new ProtoWriter().bytes(1, signed.toBytes());
            case OfStatement(Signed signed) -> new ProtoWriter().bytes(2, signed.toBytes());
            case OfRotation(Signed signed) -> new ProtoWriter().bytes(3, signed.toBytes());
            case OfRoot(RootList list) -> new ProtoWriter().bytes(4, list.toBytes());
        };
    }
}
