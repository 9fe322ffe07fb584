package network.mycelium.storage.provider.log;

import java.util.Map;
import java.util.TreeMap;

/// Where some of the records of a segment are: one about every 64 KiB, and the first behind each damage. Who looks
/// for another one walks on from there.
final class Positions {
    private static final int EVERY = 64 << 10;

    private final TreeMap<Long, Integer> offsets = new TreeMap<>();

    Positions(long first) {
        offsets.put(first, LogSegment.HEADER);
    }

    synchronized void add(long index, int offset) {
        if (offset - offsets.lastEntry().getValue() >= EVERY) {
            offsets.put(index, offset);
        }
    }

    synchronized void resume(long index, int offset) {
        offsets.put(index, offset);
    }

    /// The last known one that is not behind a record.
    synchronized Map.Entry<Long, Integer> before(long index) {
        return offsets.floorEntry(index);
    }

    synchronized void cut(int offset) {
        offsets.values().removeIf(known -> known >= offset && known > LogSegment.HEADER);
    }
}
