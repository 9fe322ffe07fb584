package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What a network begins with. Its SHA-256 is the network's id.
///
/// @param created in milliseconds
/// @param charter version 0 of the charter, by its exact bytes
/// @param nonce 16 to 64 bytes by chance, so that no two networks are the same
public record Genesis(String name, long created, Document<Charter> charter, byte[] nonce) {
    /// The format that this code reads.
    public static final int FORMAT = 2;

    public static final int MAX_SIZE = Charter.MAX_SIZE + 1024;
    /// In characters.
    public static final int MAX_NAME = 64;

    private static final int MIN_NONCE = 16;
    private static final int MAX_NONCE = 64;

    /// @throws MalformedDocument if it is none, or of a format that is not read, which the message says
    public static Genesis parse(byte[] bytes) {
        return Fields.canonical("genesis document", bytes, MAX_SIZE, Genesis::read, Genesis::write);
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    public Hash id() {
        return Hash.sha256(toBytes());
    }

    private static Genesis read(ProtoReader in) {
        long format = 0;
        String name = "";
        long created = 0;
        byte[] charter = {};
        byte[] nonce = {};
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> {
                    format = Fields.uint32(in);
                    Fields.require(
                            format == FORMAT,
                            "this network is of format %d, and this version reads format %d alone: found it anew"
                                    .formatted(format, FORMAT));
                }
                case 2 -> name = in.text();
                case 3 -> created = Fields.time(in);
                case 4 -> charter = in.bytes();
                case 5 -> nonce = in.bytes();
                default -> throw new MalformedDocument("a genesis document has an unknown field");
            }
        }
        Fields.require(format == FORMAT, "a genesis document says its format");
        Fields.require(!name.isEmpty() && name.length() <= MAX_NAME, "a network's name has 1 to 64 characters");
        Fields.require(nonce.length >= MIN_NONCE && nonce.length <= MAX_NONCE, "a nonce has 16 to 64 bytes");
        Document<Charter> first = Document.charter(charter);
        Fields.require(first.content().version() == 0, "a genesis document has version 0 of the charter");
        Fields.require(first.content().made() == created, "the first charter was made when the network was");
        return new Genesis(name, created, first, nonce);
    }

    private ProtoWriter write() {
        var out = new ProtoWriter().varint(1, FORMAT);
        Fields.put(out, 2, name);
        Fields.put(out, 3, created);
        out.bytes(4, charter.bytes());
        return out.bytes(5, nonce);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Genesis that && id().equals(that.id());
    }

    @Override
    public int hashCode() {
        return charter.hashCode();
    }
}
