package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import network.mycelium.identity.core.member.Label;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.node.command.Access;

/// What a certificate gives to a member, whoever it is.
record Terms(Access access, List<String> roles, Map<String, String> labels) {
    static final Terms NONE = new Terms(Access.RESTRICTED, List.of(), Map.of());
    private static final int MAX = 64;
    private static final int MAX_TEXT = 256;

    /// @throws IllegalArgumentException if they are too many, too long or not printable
    Terms {
        roles = List.copyOf(roles);
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        if (roles.size() > MAX || labels.size() > MAX) {
            throw new IllegalArgumentException("A member has %d roles and labels at most".formatted(MAX));
        }
        if (!Stream.concat(roles.stream(), Stream.concat(labels.keySet().stream(), labels.values().stream()))
                .allMatch(text -> text.length() <= MAX_TEXT && MemberNames.isPrintable(text))) {
            throw new IllegalArgumentException(
                    "A role or label has %d printable characters at most".formatted(MAX_TEXT));
        }
    }

    static Terms of(Member member) {
        Map<String, String> labels = new TreeMap<>();
        member.labels().forEach(label -> labels.put(label.name(), label.value()));
        return new Terms(Access.valueOf(member.access().name()), member.roles(), labels);
    }

    /// @throws IllegalArgumentException if nobody may be called that
    Member certificate(int generation, Key key, String name) {
        MemberNames.objection(name).ifPresent(objection -> {
            throw new IllegalArgumentException(objection);
        });
        return new Member(
                generation,
                false,
                java.util.Optional.of(key),
                name,
                network.mycelium.identity.core.member.Access.valueOf(access.name()),
                roles,
                labels.entrySet().stream()
                        .map(label -> new Label(label.getKey(), label.getValue()))
                        .toList());
    }

    ProtoWriter write() {
        var out = new ProtoWriter().varint(1, access.ordinal());
        roles.forEach(role -> out.text(2, role));
        labels.forEach(
                (name, value) -> out.message(3, new ProtoWriter().text(1, name).text(2, value)));
        return out;
    }

    static Terms read(ProtoReader in) {
        long access = 0;
        List<String> roles = new ArrayList<>();
        Map<String, String> labels = new TreeMap<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> access = in.varint();
                case 2 -> roles.add(in.text());
                case 3 -> label(in.message(), labels);
                default -> {}
            }
        }
        if (access < 0 || access >= Access.values().length) {
            throw new IllegalArgumentException("There is no access level " + access);
        }
        return new Terms(Access.values()[(int) access], roles, labels);
    }

    private static void label(ProtoReader in, Map<String, String> labels) {
        String name = "";
        String value = "";
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                name = in.text();
            } else if (field == 2) {
                value = in.text();
            }
        }
        labels.put(name, value);
    }
}
