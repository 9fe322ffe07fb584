package network.mycelium.repository.peers;

import java.util.HexFormat;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The body of a statement of kind [#KIND], whose key is the publisher's: which index of theirs the network uses.
///
/// @param sequence the index's own
/// @param index SHA-256 of `index.xml`, in which the publisher's signature is
record ApprovedIndex(long sequence, String index, int indexSize) {
    static final String KIND = "publisher";
    private static final int MAX_INDEX = 32 << 20;
    private static final int DIGEST = 32;

    byte[] toBytes() {
        return new ProtoWriter()
                .varint(1, sequence)
                .bytes(2, HexFormat.of().parseHex(index))
                .varint(3, indexSize)
                .toBytes();
    }

    /// @throws IllegalArgumentException if it is none
    static ApprovedIndex parse(byte[] body) {
        var in = new ProtoReader(body);
        long sequence = -1;
        byte[] index = {};
        long indexSize = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> sequence = in.varint();
                case 2 -> index = in.bytes();
                case 3 -> indexSize = in.varint();
                default -> {}
            }
        }
        if (sequence < 0 || index.length != DIGEST || indexSize < 1 || indexSize > MAX_INDEX) {
            throw new IllegalArgumentException("A statement about a publisher does not name an index");
        }
        return new ApprovedIndex(sequence, HexFormat.of().formatHex(index), (int) indexSize);
    }
}
