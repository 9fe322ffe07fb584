package network.mycelium.libp2p.mdns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import network.mycelium.libp2p.PeerId;

/// How often this node dials because of what it hears, whatever that is: in each interval so many peers in
/// all, so many that one sender tells of, and each once. Driven by one thread at a time.
final class DialBudget {
    static final int MAX = 64;
    /// Several nodes of one machine share its address.
    static final int MAX_OF_SENDER = 16;

    private final long interval;
    private long begun;
    private final Set<PeerId> dialled = new HashSet<>();
    private final Map<InetAddress, Integer> bySender = new HashMap<>();

    DialBudget(Duration interval, long now) {
        this.interval = interval.toNanos();
        this.begun = now;
    }

    /// @param now nanoseconds of a clock that never goes back
    /// @return whether the peer may be dialled, which is counted
    boolean take(InetAddress sender, PeerId peer, long now) {
        if (now - begun >= interval) {
            begun = now;
            dialled.clear();
            bySender.clear();
        }
        if (dialled.size() >= MAX || bySender.getOrDefault(sender, 0) >= MAX_OF_SENDER || !dialled.add(peer)) {
            return false;
        }
        bySender.merge(sender, 1, Integer::sum);
        return true;
    }
}
