package network.mycelium.component.director;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.PeerId;

/// Sees who is there and what they say. Safe from any thread.
final class Sight {
    private final PeerId self;
    private final NetworkIdentity identity;
    private final Presence presence;
    private final NetworkRoles roles;
    private final Supplier<Optional<Instant>> ownMaintenance;
    /// Members say the same most of the time.
    private final Map<PeerId, Read> reports = new ConcurrentHashMap<>();

    private record Read(byte[] report, NodeState state) {}

    /// @param ownMaintenance until when this node is in maintenance: what it told last may be a second old
    Sight(
            PeerId self,
            NetworkIdentity identity,
            Presence presence,
            NetworkRoles roles,
            Supplier<Optional<Instant>> ownMaintenance) {
        this.self = self;
        this.identity = identity;
        this.presence = presence;
        this.roles = roles;
        this.ownMaintenance = ownMaintenance;
    }

    static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    List<Heard> heard() {
        long now = nowMillis();
        Map<Presence.Present, NodeState> states = new LinkedHashMap<>();
        presence.present().forEach(present -> states.put(present, state(present)));
        reports.keySet()
                .retainAll(states.keySet().stream().map(Presence.Present::peer).collect(Collectors.toSet()));
        Map<PeerId, Set<String>> told = new HashMap<>();
        states.forEach((present, state) -> told.put(present.peer(), state.roles()));
        NetworkRoles.View view = roles.view(told);
        List<Heard> all = new ArrayList<>();
        states.forEach((present, state) -> identity.member(present.peer()).ifPresent(member -> {
            long at = now - present.silence().toMillis();
            all.add(new Heard(member, state, view.of(member), isMaintained(member, state), at));
        }));
        return all;
    }

    private NodeState state(Presence.Present present) {
        return reports.compute(
                        present.peer(),
                        (peer, before) -> before != null && Arrays.equals(before.report, present.report())
                                ? before
                                : new Read(present.report(), NodeState.parse(present.report())))
                .state;
    }

    private boolean isMaintained(Member member, NodeState state) {
        Optional<Instant> until = member.peer().equals(self) ? ownMaintenance.get() : state.maintenance();
        return until.filter(end -> end.isAfter(Instant.now())).isPresent();
    }

    /// Who belongs to the network, by each peer id that they have and had.
    Map<String, Member> members() {
        Map<String, Member> all = new HashMap<>();
        identity.members().stream()
                .filter(member -> !member.revoked())
                .forEach(member -> member.keys().forEach(key -> all.put(key.toString(), member)));
        return all;
    }

    NetworkView view(List<Heard> living, Map<String, Member> members, boolean settled) {
        Map<String, Heard> byPeer = new HashMap<>();
        living.forEach(one -> byPeer.put(one.peer(), one));
        return new NetworkView(
                nowMillis(),
                settled,
                self.toString(),
                byPeer,
                peer -> Optional.ofNullable(members.get(peer))
                        .map(member -> member.peer().toString()),
                peer -> Optional.ofNullable(members.get(peer)).map(Member::name).orElse(peer));
    }
}
