package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Who the members are, and by which keys, from the certificates that hold and the rotations that follow them.
final class MemberBook {
    /// A rotation that both keys signed.
    record Step(Rotation rotation, Hash hash, Signed signed) {}

    private record Place(String member, int generation, Key old) {}

    private final Map<Hash, Step> steps = new HashMap<>();
    private final Map<Place, TreeMap<Hash, Step>> byPlace = new HashMap<>();
    private final Map<String, Set<Place>> placesOf = new HashMap<>();
    private final TreeMap<String, MemberState> members = new TreeMap<>();
    private final Map<Key, TreeSet<String>> byKey = new HashMap<>();
    private final StatementBook statements;

    MemberBook(StatementBook statements, Collection<Step> before) {
        this.statements = statements;
        before.forEach(this::put);
        Set<String> ids = new HashSet<>();
        before.forEach(step -> ids.add(step.rotation().member()));
        statements.all().stream()
                .filter(entry -> entry.register().kind().equals(Member.KIND))
                .forEach(entry -> ids.add(entry.register().key()));
        ids.forEach(this::refresh);
    }

    private void put(Step step) {
        Place place = place(step.rotation());
        steps.put(step.hash(), step);
        byPlace.computeIfAbsent(place, p -> new TreeMap<>()).put(step.hash(), step);
        placesOf.computeIfAbsent(place.member(), m -> new HashSet<>()).add(place);
    }

    private static Place place(Rotation rotation) {
        return new Place(rotation.member(), rotation.generation(), rotation.old());
    }

    Optional<Step> find(Hash hash) {
        return Optional.ofNullable(steps.get(hash));
    }

    Collection<Step> steps() {
        return steps.values();
    }

    List<Step> steps(String member) {
        return placesOf.getOrDefault(member, Set.of()).stream()
                .flatMap(place -> byPlace.get(place).values().stream())
                .toList();
    }

    Collection<MemberState> members() {
        return members.values();
    }

    Optional<MemberState> member(String id) {
        return Optional.ofNullable(members.get(id));
    }

    Optional<MemberState> whose(Key key) {
        TreeSet<String> ids = byKey.get(key);
        return ids == null ? Optional.empty() : member(ids.first());
    }

    /// Whether a rotation would be kept, were it signed: it goes on from a key of a kept certificate, and is no more
    /// than a second proof.
    boolean wants(Rotation rotation) {
        Hash hash = Hash.sha256(rotation.toBytes());
        return certificates(rotation.member())
                .filter(member -> member.generation() == rotation.generation())
                .anyMatch(member ->
                        wanted(rotation.member(), member, Optional.of(rotation)).contains(hash));
    }

    /// @return whether it is kept
    boolean add(Rotation rotation, Signed signed) {
        Hash hash = Hash.sha256(signed.document());
        put(new Step(rotation, hash, signed));
        refresh(rotation.member());
        return steps.containsKey(hash);
    }

    private java.util.stream.Stream<Member> certificates(String id) {
        return statements.of(Register.member(id)).stream()
                .flatMap(entry -> entry.statement().member().stream())
                .filter(member -> !member.revoked());
    }

    /// The rotations that follow from the first key of a certificate.
    private Set<Hash> wanted(String id, Member certificate, Optional<Rotation> candidate) {
        Set<Hash> wanted = new HashSet<>();
        walk(id, certificate, candidate, wanted);
        return wanted;
    }

    /// The keys of a generation, the first one first.
    private record Keys(List<Key> all, boolean locked) {}

    private Keys walk(String id, Member certificate, Optional<Rotation> candidate, Set<Hash> wanted) {
        List<Key> keys = new ArrayList<>(List.of(certificate.firstKey().orElseThrow()));
        while (keys.size() <= Limits.ROTATIONS) {
            Place place = new Place(id, certificate.generation(), keys.getLast());
            TreeMap<Hash, Rotation> next = new TreeMap<>();
            byPlace.getOrDefault(place, new TreeMap<>()).forEach((hash, step) -> next.put(hash, step.rotation()));
            candidate.filter(r -> place(r).equals(place)).ifPresent(r -> next.put(Hash.sha256(r.toBytes()), r));
            // Nobody goes back to a key that was replaced.
            next.values().removeIf(rotation -> keys.contains(rotation.next()));
            next.keySet().stream().limit(2).forEach(wanted::add);
            if (next.size() != 1) {
                return new Keys(keys, next.size() > 1);
            }
            keys.add(next.firstEntry().getValue().next());
        }
        return new Keys(keys, false);
    }

    /// Works a member out anew: after a change of its certificates, renewals or rotations.
    void refresh(String id) {
        forgetSteps(id);
        MemberState before = members.remove(id);
        if (before != null) {
            before.key()
                    .ifPresent(key -> byKey.computeIfPresent(key, (k, ids) -> {
                        ids.remove(id);
                        return ids.isEmpty() ? null : ids;
                    }));
        }
        statements
                .holder(Register.member(id))
                .filter(entry -> !entry.statement().member().orElseThrow().revoked())
                .map(entry -> state(id, entry))
                .ifPresent(state -> {
                    members.put(id, state);
                    state.key()
                            .ifPresent(key -> byKey.computeIfAbsent(key, k -> new TreeSet<>())
                                    .add(id));
                });
    }

    private void forgetSteps(String id) {
        Set<Place> places = placesOf.get(id);
        if (places == null) {
            return;
        }
        Set<Hash> wanted = new HashSet<>();
        certificates(id).distinct().forEach(member -> wanted.addAll(wanted(id, member, Optional.empty())));
        for (Place place : List.copyOf(places)) {
            TreeMap<Hash, Step> here = byPlace.get(place);
            here.keySet().removeIf(hash -> {
                boolean gone = !wanted.contains(hash);
                if (gone) {
                    steps.remove(hash);
                }
                return gone;
            });
            if (here.isEmpty()) {
                byPlace.remove(place);
                places.remove(place);
            }
        }
        if (places.isEmpty()) {
            placesOf.remove(id);
        }
    }

    private MemberState state(String id, Entry certificate) {
        Member member = certificate.statement().member().orElseThrow();
        Keys keys = walk(id, member, Optional.empty(), new HashSet<>());
        return new MemberState(
                id,
                certificate.held(),
                keys.locked() ? Optional.empty() : Optional.of(keys.all().getLast()),
                keys.all().subList(0, keys.all().size() - (keys.locked() ? 0 : 1)),
                keys.locked(),
                expires(id, certificate, member.generation()));
    }

    private long expires(String id, Entry certificate, int generation) {
        long own = certificate.statement().expires();
        return own == 0
                ? 0
                : statements.of(Register.renewal(id)).stream()
                        .filter(entry -> entry.satisfied)
                        .flatMap(entry -> entry.statement().renewal().stream())
                        .filter(renewal -> renewal.generation() == generation)
                        .mapToLong(network.mycelium.identity.core.member.Renewal::expires)
                        .reduce(own, Math::max);
    }

    /// Its rotation's signatures: those of both keys.
    static Optional<Signed> ofBoth(Rotation rotation, Signed signed) {
        Map<Key, Signature> two = new TreeMap<>();
        signed.signatures().stream()
                .filter(s -> s.key().equals(rotation.old()) || s.key().equals(rotation.next()))
                .forEach(s -> two.putIfAbsent(s.key(), s));
        return two.size() == 2
                ? Optional.of(new Signed(signed.document(), List.copyOf(two.values())))
                : Optional.empty();
    }

    List<Alarm> alarms() {
        List<Alarm> alarms = new ArrayList<>();
        for (MemberState state : members.values()) {
            if (state.locked()) {
                alarms.add(new Alarm.Locked(state.id(), state.formerKeys().getLast()));
            }
        }
        return alarms;
    }
}
