package network.mycelium.storage.provider.blocks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.MVMap;

/// A map in the index file, with what changed since the last checkpoint in memory. So the file never has more than
/// what is on the disk elsewhere, and is written in the order of its keys.
final class IndexMap {
    private static final byte[] GONE = {};

    private final MVMap<byte[], byte[]> stored;
    private final Map<Key, byte[]> changed = new ConcurrentHashMap<>();
    private final AtomicLong size;

    IndexMap(MVMap<byte[], byte[]> stored) {
        this.stored = stored;
        this.size = new AtomicLong(stored.sizeAsLong());
    }

    long size() {
        return size.get();
    }

    int changes() {
        return changed.size();
    }

    /// @return null if there is none
    byte[] get(byte[] key) {
        byte[] fresh = changed.get(new Key(key));
        if (fresh != null) {
            return fresh == GONE ? null : fresh;
        }
        return stored.get(key);
    }

    /// One thread at a time, as for all that changes it.
    ///
    /// @param value not empty
    void put(byte[] key, byte[] value) {
        if (get(key) == null) {
            size.incrementAndGet();
        }
        changed.put(new Key(key), value);
    }

    /// What changed since it was flushed.
    ///
    /// @return null if this key did not change, or is gone
    byte[] fresh(byte[] key) {
        byte[] value = changed.get(new Key(key));
        return value == GONE ? null : value;
    }

    /// Puts what is known not to be there.
    void add(byte[] key, byte[] value) {
        size.incrementAndGet();
        changed.put(new Key(key), value);
    }

    boolean remove(byte[] key) {
        if (get(key) == null) {
            return false;
        }
        size.decrementAndGet();
        changed.put(new Key(key), GONE);
        return true;
    }

    /// Writes the changes, with a commit after each so many.
    void flush(int slice, Runnable commit) {
        int done = 0;
        for (var change : new TreeMap<>(changed).entrySet()) {
            byte[] key = change.getKey().bytes();
            if (change.getValue() == GONE) {
                stored.remove(key);
            } else {
                stored.put(key, change.getValue());
            }
            if (++done % slice == 0) {
                commit.run();
            }
        }
        changed.clear();
    }

    /// The next keys of what was flushed, and not removed since.
    ///
    /// @param after null for the first
    List<byte[]> next(byte[] after, int limit) {
        List<byte[]> keys = new ArrayList<>();
        byte[] at = after == null ? stored.firstKey() : stored.higherKey(after);
        var iterator = at == null ? null : stored.keyIterator(at);
        while (iterator != null && iterator.hasNext() && keys.size() < limit) {
            keys.add(iterator.next());
        }
        return keys;
    }
}
