package network.mycelium.libp2p.core.gossip;

import java.util.LinkedHashMap;

/// Ids that are remembered for a while, at most so many: beyond, the oldest are forgotten.
final class ExpiringSet {
    private final long ttlMillis;
    private final int max;
    private final LinkedHashMap<String, Long> added = new LinkedHashMap<>();

    ExpiringSet(long ttlMillis, int max) {
        this.ttlMillis = ttlMillis;
        this.max = max;
    }

    /// @return whether it is new
    boolean add(String id, long now) {
        if (added.putIfAbsent(id, now) != null) {
            return false;
        }
        if (added.size() > max) {
            added.pollFirstEntry();
        }
        return true;
    }

    boolean contains(String id) {
        return added.containsKey(id);
    }

    void expire(long now) {
        while (!added.isEmpty() && now - added.firstEntry().getValue() > ttlMillis) {
            added.pollFirstEntry();
        }
    }
}
