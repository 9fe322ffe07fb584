package network.mycelium.identity.provider;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.libp2p.PeerId;

/// Which key of a member followed which. A member is known by its first key, speaks with its newest, and what it said
/// with those between goes on to hold. Plain data: one thread at a time.
final class KeyHistory {
    /// How many keys a member may have had.
    static final int MAX_KEYS = 256;

    private record Successor(PeerId peer, Instant since) {}

    private final Map<PeerId, Successor> after = new HashMap<>();
    private final Map<PeerId, PeerId> before = new HashMap<>();

    /// @param since from when on the old key says nothing any more
    void follow(PeerId old, PeerId next, Instant since) {
        Successor mistaken = after.put(old, new Successor(next, since));
        if (mistaken != null) {
            before.remove(mistaken.peer);
        }
        before.put(next, old);
    }

    boolean isReplaced(PeerId peer) {
        return after.containsKey(peer);
    }

    boolean isReplaced(PeerId peer, Instant when) {
        return isReplaced(peer) && !when.isBefore(after.get(peer).since);
    }

    /// Whether it is, or was, the key of somebody who had another.
    boolean knows(PeerId peer) {
        return after.containsKey(peer) || before.containsKey(peer);
    }

    PeerId newest(PeerId peer) {
        PeerId newest = peer;
        while (after.containsKey(newest)) {
            newest = after.get(newest).peer;
        }
        return newest;
    }

    /// The keys before this one, the last of them first.
    List<PeerId> former(PeerId peer) {
        List<PeerId> former = new ArrayList<>();
        for (PeerId old = before.get(peer); old != null; old = before.get(old)) {
            former.add(old);
        }
        return former;
    }
}
