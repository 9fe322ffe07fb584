package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Fields;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Who must sign a kind of statement.
///
/// @param kind or [#OTHERS]
/// @param operators how many of them, or 0 where the quorum of validators signs
/// @param once whether each is said once: it expires within 30 days, and nothing takes its place
public record Rule(String kind, int operators, boolean once) {
    /// The kind of the rule for all kinds that have none of their own.
    public static final String OTHERS = "*";

    public boolean quorum() {
        return operators == 0;
    }

    static Rule read(ProtoReader in) {
        String kind = "";
        int operators = 0;
        boolean quorum = false;
        boolean once = false;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> kind = in.text();
                case 2 -> operators = Fields.number(in);
                case 3 -> quorum = Fields.flag(in);
                case 4 -> once = Fields.flag(in);
                default -> Fields.require(false, "a rule has an unknown field");
            }
        }
        Fields.require(quorum == (operators == 0), "a rule names a number of operators or the quorum");
        return new Rule(kind, operators, once);
    }

    ProtoWriter write() {
        var out = new ProtoWriter();
        Fields.put(out, 1, kind);
        Fields.put(out, 2, operators);
        Fields.put(out, 3, quorum());
        Fields.put(out, 4, once);
        return out;
    }
}
