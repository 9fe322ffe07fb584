package network.mycelium.libp2p.core.gossip;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The messages of the last heartbeats, for gossip and for those who ask (`mcache` of the specification). Beyond its
/// bound on bytes, the oldest go first.
final class MessageCache {
    private static final long MAX_BYTES = 16L << 20;

    private static final class Entry {
        private final GossipMessage message;
        private final Map<Object, Integer> sent = new HashMap<>();

        private Entry(GossipMessage message) {
            this.message = message;
        }
    }

    private final int gossip;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Deque<List<String>> windows = new ArrayDeque<>();
    private long bytes;

    MessageCache(int length, int gossip) {
        this.gossip = gossip;
        for (int i = 0; i < length; i++) {
            windows.addLast(new ArrayList<>());
        }
    }

    void put(String id, GossipMessage message) {
        if (entries.putIfAbsent(id, new Entry(message)) == null) {
            windows.getFirst().add(id);
            bytes += message.weight();
            while (bytes > MAX_BYTES) {
                evictOldest();
            }
        }
    }

    private void evictOldest() {
        for (var it = windows.descendingIterator(); it.hasNext(); ) {
            List<String> window = it.next();
            if (!window.isEmpty()) {
                remove(window.removeFirst());
                return;
            }
        }
    }

    private void remove(String id) {
        Entry entry = entries.remove(id);
        if (entry != null) {
            bytes -= entry.message.weight();
        }
    }

    /// For a peer that asks; each peer gets a message so many times at most.
    ///
    /// @return null if it is not kept, or was sent often enough
    GossipMessage get(String id, Object peer, int times) {
        Entry entry = entries.get(id);
        return entry == null || entry.sent.merge(peer, 1, Integer::sum) > times ? null : entry.message;
    }

    List<String> idsToTell(String topic) {
        List<String> ids = new ArrayList<>();
        int i = 0;
        for (List<String> window : windows) {
            if (i++ == gossip) {
                break;
            }
            for (String id : window) {
                Entry entry = entries.get(id);
                if (entry != null && entry.message.topic().equals(topic)) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }

    /// A heartbeat has passed.
    void shift() {
        windows.removeLast().forEach(this::remove);
        windows.addFirst(new ArrayList<>());
    }
}
