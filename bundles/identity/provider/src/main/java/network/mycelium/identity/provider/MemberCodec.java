package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import network.mycelium.identity.Member;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The body of a membership certificate: a statement of kind [#KIND] whose key is the member's peer id.
final class MemberCodec {
    static final String KIND = "member";
    private static final int MAX_TEXT = 256;
    private static final int MAX_LABELS = 64;

    /// What a certificate says of a member.
    record Terms(String name, Access access, List<String> roles, Map<String, String> labels, boolean revoked) {
        Terms named(String other) {
            return new Terms(other, access, roles, labels, revoked);
        }

        Terms takenBack() {
            return new Terms(name, access, roles, labels, true);
        }
    }

    private MemberCodec() {}

    static byte[] body(Terms terms) {
        var out =
                new ProtoWriter().text(1, terms.name()).varint(2, terms.access().ordinal());
        terms.roles().forEach(role -> out.text(3, role));
        terms.labels().forEach((key, value) -> out.text(4, key + "=" + value));
        return out.varint(5, terms.revoked() ? 1 : 0).toBytes();
    }

    /// @throws IllegalArgumentException if it is no certificate
    static Terms terms(byte[] body) {
        var in = new ProtoReader(body);
        String name = "";
        long access = 0;
        List<String> roles = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        boolean revoked = false;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> name = in.text();
                case 2 -> access = in.varint();
                case 3 -> roles.add(in.text());
                case 4 -> {
                    String[] parts = in.text().split("=", 2);
                    labels.put(parts[0], parts.length == 2 ? parts[1] : "");
                }
                case 5 -> revoked = in.varint() != 0;
                default -> {}
            }
        }
        MemberNames.objection(name).ifPresent(objection -> {
            throw new IllegalArgumentException(objection);
        });
        if (access < 0 || access >= Access.values().length) {
            throw new IllegalArgumentException("There is no access level " + access);
        }
        if (roles.size() > MAX_LABELS || labels.size() > MAX_LABELS) {
            throw new IllegalArgumentException("A member has %d roles and labels at most".formatted(MAX_LABELS));
        }
        if (!Stream.concat(roles.stream(), Stream.concat(labels.keySet().stream(), labels.values().stream()))
                .allMatch(text -> text.length() <= MAX_TEXT && MemberNames.isPrintable(text))) {
            throw new IllegalArgumentException(
                    "A role or label has %d printable characters at most".formatted(MAX_TEXT));
        }
        return new Terms(name, Access.values()[(int) access], List.copyOf(roles), Map.copyOf(labels), revoked);
    }

    /// @param peer the newest key of whom the certificate is about
    /// @param former the keys before it
    static Member member(PeerId peer, Statement certificate, List<PeerId> former) {
        Terms terms = terms(certificate.body());
        return new Member(
                peer,
                terms.name(),
                terms.access(),
                terms.roles(),
                terms.labels(),
                certificate.signers().getFirst(),
                certificate.issued(),
                certificate.expires(),
                terms.revoked(),
                former);
    }
}
