package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A key that signs charters and statements.
///
/// @param name for people, 1 to 64 characters
/// @param since the version of the charter from which it was operator without a break
public record Operator(String name, Key key, int since) {
    static Operator read(ProtoReader in) {
        String name = "";
        Key key = null;
        int since = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> name = in.text();
                case 2 -> key = Key.of(in.bytes());
                case 3 -> since = Fields.number(in);
                default -> Fields.require(false, "an operator has an unknown field");
            }
        }
        Fields.require(key != null, "an operator has no key");
        return new Operator(name, key, since);
    }

    ProtoWriter write() {
        var out = new ProtoWriter();
        Fields.put(out, 1, name);
        Fields.put(out, 2, key.message());
        Fields.put(out, 3, since);
        return out;
    }
}
