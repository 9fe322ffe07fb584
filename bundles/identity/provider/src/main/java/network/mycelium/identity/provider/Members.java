package network.mycelium.identity.provider;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.libp2p.PeerId;

/// Who belongs to the network, by the certificates and rotations that hold. Plain data: one thread at a time.
final class Members {
    private final Network network;
    private final InstantSource clock;
    private final Map<String, SignedStatement> holding;
    private final KeyHistory keys = new KeyHistory();

    /// @param holding what holds, by [SignedStatement#id]; changed by its owner
    Members(Network network, InstantSource clock, Map<String, SignedStatement> holding) {
        this.network = network;
        this.clock = clock;
        this.holding = holding;
    }

    KeyHistory keys() {
        return keys;
    }

    /// The certificate that a key stands on: its own, or that of the nearest key before it.
    Optional<SignedStatement> certificate(PeerId peer) {
        return Stream.concat(Stream.of(peer), keys.former(peer).stream())
                .flatMap(key -> ownCertificate(key).stream())
                .findFirst();
    }

    private Optional<SignedStatement> ownCertificate(PeerId peer) {
        return Optional.ofNullable(holding.get(SignedStatement.id(MemberCodec.KIND, peer.toString())));
    }

    Optional<Member> member(PeerId peer) {
        return certificate(peer).map(c -> MemberCodec.member(peer, c.statement(), keys.former(peer)));
    }

    /// Each by its newest key; those whose certificates expired are left out.
    List<Member> all() {
        Set<PeerId> newest = new LinkedHashSet<>();
        holding.values().stream()
                .filter(s -> s.statement().kind().equals(MemberCodec.KIND))
                .forEach(s -> newest.add(keys.newest(PeerId.parse(s.statement().key()))));
        return MemberNames.distinct(newest.stream()
                .flatMap(peer -> member(peer).stream())
                .filter(member -> member.expires().isAfter(clock.instant()))
                .toList());
    }

    /// Whether a peer belongs to the network now, by this very key.
    boolean isMember(PeerId peer) {
        return !keys.isReplaced(peer)
                && member(peer)
                        .filter(m -> !m.revoked()
                                && m.expires().isAfter(clock.instant().minus(StatementBook.CLOCK_TOLERANCE)))
                        .isPresent();
    }

    /// Whether it was a member, and is not any more: by this key at least.
    boolean isFormer(PeerId peer) {
        return keys.isReplaced(peer) || member(peer).filter(Member::revoked).isPresent();
    }

    /// Whether it is the key of a founder, or was.
    boolean isFounder(PeerId peer) {
        return network.founders().contains(peer) || keys.former(peer).stream().anyMatch(network.founders()::contains);
    }

    /// Whether a member may direct the network, as far as is known, at a time.
    boolean isOperator(PeerId peer, Instant when) {
        if (keys.isReplaced(peer, when)) {
            return false;
        }
        if (isFounder(peer)) {
            return true;
        }
        Optional<SignedStatement> certificate =
                certificate(peer).filter(c -> c.statement().signers().stream().anyMatch(this::isFounder));
        if (certificate.isEmpty()) {
            return false;
        }
        Member member = MemberCodec.member(peer, certificate.get().statement(), List.of());
        return member.access() == Member.Access.FULL
                && (!member.revoked() || when.isBefore(member.issued()))
                && member.expires().isAfter(when);
    }

    /// What proves to somebody who knows nothing that this peer is a member, in the order in which it must be taken.
    List<SignedStatement> credentials(PeerId peer) {
        List<SignedStatement> all = new ArrayList<>();
        collect(peer, all, new HashSet<>());
        return all;
    }

    private void collect(PeerId peer, List<SignedStatement> all, Set<PeerId> seen) {
        if (!seen.add(peer)) {
            return;
        }
        keys.former(peer).stream().findFirst().ifPresent(old -> {
            collect(old, all, seen);
            withSigners(holding.get(SignedStatement.id(RotationCodec.KIND, old.toString())), all, seen);
        });
        ownCertificate(peer).ifPresent(own -> withSigners(own, all, seen));
    }

    private void withSigners(SignedStatement statement, List<SignedStatement> all, Set<PeerId> seen) {
        statement.statement().signers().forEach(signer -> collect(signer, all, seen));
        all.add(statement);
    }
}
