package network.mycelium.identity.core.member;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Something that directives select members by.
///
/// @param name not empty
public record Label(String name, String value) {
    static Label read(ProtoReader in) {
        String name = "";
        String value = "";
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> name = in.text();
                case 2 -> value = in.text();
                default -> Fields.require(false, "a label has an unknown field");
            }
        }
        Fields.require(!name.isEmpty(), "a label has a name");
        return new Label(name, value);
    }

    ProtoWriter write() {
        var out = new ProtoWriter();
        Fields.put(out, 1, name);
        Fields.put(out, 2, value);
        return out;
    }
}
