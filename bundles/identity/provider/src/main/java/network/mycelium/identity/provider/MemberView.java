package network.mycelium.identity.provider;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.Member;
import network.mycelium.identity.Statement;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.MemberState;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;

/// What holds in a network as others see it: members and statements. As little safe from several threads as the
/// [Holding] is.
final class MemberView {
    private static final String MEMBER = "member";

    private final Holding holding;
    private final long now;

    /// @param now see [Holding#now]
    MemberView(Holding holding, long now) {
        this.holding = holding;
        this.now = now;
    }

    /// All, revoked ones too, without those whose certificates expired.
    List<Member> all() {
        Map<String, Member> found = new LinkedHashMap<>();
        for (Operator operator : holding.operators()) {
            Member member = operator(operator);
            found.put(member.peer().toString(), member);
        }
        for (Held held : holding.all(MEMBER)) {
            String id = held.statement().register().key();
            byCertificate(id, held)
                    .ifPresent(member -> found.putIfAbsent(member.peer().toString(), member));
        }
        return MemberNames.distinct(List.copyOf(found.values()));
    }

    private Optional<Member> byCertificate(String id, Held held) {
        Optional<MemberState> state = holding.member(id);
        if (state.isEmpty()) {
            return held.statement().member().filter(m -> m.revoked()).map(m -> revoked(id, held));
        }
        return state.filter(s -> !s.expired(now)).map(this::member);
    }

    /// Whoever has this key, or had it.
    Optional<Member> member(PeerId peer) {
        return key(peer).flatMap(holding::whose).map(this::member).or(() -> former(peer));
    }

    private Optional<Member> former(PeerId peer) {
        return all().stream().filter(m -> m.keys().anyMatch(peer::equals)).findFirst();
    }

    private static Optional<Key> key(PeerId peer) {
        try {
            return Optional.of(NodeSigner.key(peer));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Member member(Holding.Who who) {
        return switch (who) {
            case Holding.Who.IsOperator(Operator operator) -> operator(operator);
            case Holding.Who.IsMember(MemberState state) -> member(state);
        };
    }

    /// Whether a peer belongs to the network now, by this very key.
    boolean isMember(PeerId peer) {
        return key(peer)
                .flatMap(holding::whose)
                .filter(who -> switch (who) {
                    case Holding.Who.IsOperator _ -> true;
                    case Holding.Who.IsMember(MemberState state) -> !state.expired(now);
                })
                .isPresent();
    }

    /// The certificate by which somebody with this key, or with it before, is known.
    Optional<MemberState> state(PeerId peer) {
        Optional<Key> key = key(peer);
        return holding.members().stream()
                .filter(m -> m.id().equals(peer.toString())
                        || key.isPresent()
                                && (m.key().equals(key) || m.formerKeys().contains(key.get())))
                .findFirst();
    }

    /// An operator is one by the charter; what more is known of it says the certificate of who has that key.
    private Member operator(Operator operator) {
        PeerId peer = NodeSigner.peer(operator.key());
        Optional<MemberState> state = holding.members().stream()
                .filter(m -> m.key().filter(operator.key()::equals).isPresent())
                .findFirst();
        return new Member(
                peer,
                operator.name(),
                Access.FULL,
                state.map(s -> s.member().roles()).orElse(List.of()),
                state.map(MemberView::labels).orElse(Map.of()),
                state.map(s -> issuer(s.certificate())).orElse(peer),
                Instant.ofEpochMilli(state.map(s -> s.certificate().statement().said())
                        .orElse(holding.charter().made())),
                Statement.NEVER,
                false,
                state.map(MemberView::formerKeys).orElse(List.of()));
    }

    private Member member(MemberState state) {
        var body = state.member();
        return new Member(
                state.key().map(NodeSigner::peer).orElseGet(() -> PeerId.parse(state.id())),
                body.name(),
                access(body.access().effective()),
                body.roles(),
                labels(state),
                issuer(state.certificate()),
                Instant.ofEpochMilli(state.certificate().statement().said()),
                instant(state.expires()),
                false,
                formerKeys(state));
    }

    private Member revoked(String id, Held held) {
        var body = held.statement().member().orElseThrow();
        return new Member(
                PeerId.parse(id),
                body.name().isEmpty() ? id : body.name(),
                access(body.access().effective()),
                body.roles(),
                Map.of(),
                issuer(held),
                Instant.ofEpochMilli(held.statement().said()),
                instant(held.statement().expires()),
                true,
                List.of());
    }

    private static Access access(network.mycelium.identity.core.member.Access access) {
        return Access.valueOf(access.name());
    }

    private static Map<String, String> labels(MemberState state) {
        Map<String, String> labels = new LinkedHashMap<>();
        state.member().labels().forEach(label -> labels.put(label.name(), label.value()));
        return labels;
    }

    /// The last first; the id is a key of it, too.
    private static List<PeerId> formerKeys(MemberState state) {
        Set<PeerId> former = new LinkedHashSet<>();
        List<Key> keys = new ArrayList<>(state.formerKeys());
        Collections.reverse(keys);
        keys.forEach(key -> former.add(NodeSigner.peer(key)));
        former.add(PeerId.parse(state.id()));
        state.key().ifPresent(key -> former.remove(NodeSigner.peer(key)));
        return List.copyOf(former);
    }

    /// Where a list of the charter keeps it, the first operator stands for all.
    private PeerId issuer(Held held) {
        return held.operators().stream()
                .sorted()
                .findFirst()
                .map(NodeSigner::peer)
                .orElseGet(() -> NodeSigner.peer(holding.operators().getFirst().key()));
    }

    static Instant instant(long millis) {
        return millis == 0 ? Statement.NEVER : Instant.ofEpochMilli(millis);
    }

    /// As others see a statement.
    static Statement statement(Held held) {
        var s = held.statement();
        Set<Key> signers = new java.util.TreeSet<>(held.operators());
        signers.addAll(held.validators());
        return new Statement(
                s.kind(),
                s.register().key(),
                s.sequence(),
                Instant.ofEpochMilli(s.said()),
                instant(s.expires()),
                s.body(),
                signers.stream().map(NodeSigner::peer).toList());
    }

    /// What is shown of a kind now.
    List<Statement> of(String kind) {
        return holding.all(kind).stream()
                .filter(held -> !Holding.expired(held, now))
                .map(MemberView::statement)
                .toList();
    }

    Optional<Statement> find(Register register) {
        return holding.shows(register, now).map(MemberView::statement);
    }
}
