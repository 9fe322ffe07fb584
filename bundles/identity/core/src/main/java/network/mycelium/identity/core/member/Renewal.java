package network.mycelium.identity.core.member;

import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The body of a statement of kind `renewal`, made by operators' nodes by themselves. It only prolongs.
///
/// @param generation of the certificate
/// @param expires in milliseconds, not 0
public record Renewal(int generation, long expires) {
    public static final String KIND = "renewal";

    /// @throws MalformedDocument if it is none
    public static Renewal parse(byte[] body) {
        return Fields.canonical("renewal", body, Statement.MAX_MEMBER_BODY, Renewal::read, Renewal::write);
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    private static Renewal read(ProtoReader in) {
        int generation = 0;
        long expires = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> generation = Fields.number(in);
                case 2 -> expires = Fields.time(in);
                default -> throw new MalformedDocument("a renewal has an unknown field");
            }
        }
        Fields.require(generation >= 1 && expires != 0, "a renewal has a generation and an end");
        return new Renewal(generation, expires);
    }

    private ProtoWriter write() {
        return new ProtoWriter().varint(1, generation).varint(2, expires);
    }
}
