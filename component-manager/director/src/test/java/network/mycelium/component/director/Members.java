package network.mycelium.component.director;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Running;
import network.mycelium.identity.Member;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;

/// Members and directives for tests, told by numbers.
final class Members {
    private static final Map<Integer, String> IDS = new ConcurrentHashMap<>();

    private Members() {}

    static PeerId peer(int number) {
        return PeerId.ofPublicKey(ByteBuffer.allocate(36).putInt(32, number).array());
    }

    static String id(int number) {
        return IDS.computeIfAbsent(number, n -> peer(n).toString());
    }

    static List<String> ids(int... numbers) {
        return java.util.stream.IntStream.of(numbers).mapToObj(Members::id).toList();
    }

    static Member member(int number) {
        return member(number, Access.STANDARD, List.of("hypha"), Map.of());
    }

    static Member member(int number, Access access, List<String> roles, Map<String, String> labels) {
        return new Member(
                peer(number),
                "node" + number,
                access,
                roles,
                labels,
                peer(0),
                Instant.EPOCH,
                Instant.MAX,
                false,
                List.of());
    }

    static Heard heard(int number, long atMillis, Running... running) {
        return new Heard(id(number), member(number), state(running), Set.of("hypha"), false, atMillis);
    }

    static Heard heard(Member member, long atMillis, Running... running) {
        return new Heard(member, state(running), Set.copyOf(member.roles()), false, atMillis);
    }

    private static NodeState state(Running... running) {
        return new NodeState(List.of(running), Optional.empty(), Set.of(), Map.of(), new Resources(1024, 2));
    }

    static Running runs(String component, String version) {
        return new Running(component, version, NodeState.ACTIVE, "");
    }

    static NetworkView view(long now, boolean settled, int self, Collection<Heard> living) {
        Map<String, Heard> byPeer = new HashMap<>();
        living.forEach(one -> byPeer.put(one.peer(), one));
        return new NetworkView(now, settled, id(self), byPeer, Optional::of, Function.identity());
    }

    static Directive directive(String component, String versions, int count, long number, Rollout rollout) {
        return new Directive(
                component,
                versions,
                Directive.Selector.EVERY,
                count,
                0,
                Optional.ofNullable(rollout),
                Instant.ofEpochMilli(1_000_000),
                number,
                Instant.ofEpochMilli(1_000),
                List.of());
    }
}
