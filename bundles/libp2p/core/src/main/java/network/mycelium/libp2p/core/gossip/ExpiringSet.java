package network.mycelium.libp2p.core.gossip;

import java.util.LinkedHashMap;

/// Ids that are remembered for a while, at most so many and of so many bytes: beyond, the oldest are forgotten.
final class ExpiringSet {
    private final long ttlMillis;
    private final int max;
    private final long maxBytes;
    private final LinkedHashMap<String, Long> added = new LinkedHashMap<>();
    private long bytes;

    ExpiringSet(long ttlMillis, int max, long maxBytes) {
        this.ttlMillis = ttlMillis;
        this.max = max;
        this.maxBytes = maxBytes;
    }

    /// @return whether it is new
    boolean add(String id, long now) {
        if (added.putIfAbsent(id, now) != null) {
            return false;
        }
        bytes += id.length();
        while (added.size() > max || bytes > maxBytes) {
            removeOldest();
        }
        return true;
    }

    boolean contains(String id) {
        return added.containsKey(id);
    }

    void expire(long now) {
        while (!added.isEmpty() && now - added.firstEntry().getValue() > ttlMillis) {
            removeOldest();
        }
    }

    private void removeOldest() {
        bytes -= added.pollFirstEntry().getKey().length();
    }
}
