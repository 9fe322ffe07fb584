package network.mycelium.identity.core.member;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The body of a statement of kind `member`, whose key is the member's id: its first peer id.
///
/// @param generation counts human decisions about who this is: 1 at admission, +1 when it is recovered or readmitted
/// @param revoked beats every certificate up to its generation, and never expires
/// @param firstKey the key with which this generation begins; none in a revocation
/// @param labels sorted by name, each once
public record Member(
        int generation,
        boolean revoked,
        Optional<Key> firstKey,
        String name,
        Access access,
        List<String> roles,
        List<Label> labels) {
    public static final String KIND = "member";

    public Member {
        roles = List.copyOf(roles);
        labels = List.copyOf(labels);
    }

    /// A revocation.
    public static Member revoked(int generation) {
        return new Member(generation, true, Optional.empty(), "", Access.RESTRICTED, List.of(), List.of());
    }

    /// @param id the register's key
    /// @throws MalformedDocument if it is none; in the first generation the first key is that of the id
    public static Member parse(String id, byte[] body) {
        Member member = Fields.canonical("member", body, Statement.MAX_MEMBER_BODY, Member::read, Member::write);
        Fields.require(
                member.generation != 1
                        || member.firstKey.map(key -> key.peer().equals(id)).orElse(true),
                "a member's id is the peer id of its first key");
        return member;
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    private static Member read(ProtoReader in) {
        int generation = 0;
        boolean revoked = false;
        Key firstKey = null;
        String name = "";
        Access access = Access.RESTRICTED;
        List<String> roles = new ArrayList<>();
        List<Label> labels = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> generation = Fields.number(in);
                case 2 -> revoked = Fields.flag(in);
                case 3 -> firstKey = Key.of(in.bytes());
                case 4 -> name = in.text();
                case 5 -> access = access(Fields.number(in));
                case 6 -> roles.add(in.text());
                case 7 -> labels.add(Label.read(in.message()));
                default -> throw new MalformedDocument("a member has an unknown field");
            }
        }
        Fields.require(generation >= 1, "a member has a generation");
        Fields.require(revoked == (firstKey == null), "a certificate has a first key, a revocation none");
        for (int i = 1; i < labels.size(); i++) {
            Fields.require(
                    labels.get(i - 1).name().compareTo(labels.get(i).name()) < 0,
                    "labels are sorted by name, each once");
        }
        return new Member(generation, revoked, Optional.ofNullable(firstKey), name, access, roles, labels);
    }

    private static Access access(int value) {
        Fields.require(value < Access.values().length, "a member has an unknown access");
        return Access.values()[value];
    }

    private ProtoWriter write() {
        var out = new ProtoWriter();
        Fields.put(out, 1, generation);
        Fields.put(out, 2, revoked);
        firstKey.ifPresent(key -> out.bytes(3, key.message()));
        Fields.put(out, 4, name);
        Fields.put(out, 5, access.ordinal());
        roles.forEach(role -> out.text(6, role));
        labels.forEach(label -> out.message(7, label.write()));
        return out;
    }
}
