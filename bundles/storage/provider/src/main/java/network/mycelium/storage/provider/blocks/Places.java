package network.mycelium.storage.provider.blocks;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Places in segments, four bytes each.
final class Places {
    private static final class Offsets {
        int[] all = new int[16];
        int size;
        boolean sorted;
    }

    private final Map<Long, Offsets> bySalt = new HashMap<>();

    void add(long salt, int offset) {
        Offsets offsets = bySalt.computeIfAbsent(salt, s -> new Offsets());
        if (offsets.size == offsets.all.length) {
            offsets.all = Arrays.copyOf(offsets.all, 2 * offsets.size);
        }
        offsets.all[offsets.size++] = offset;
        offsets.sorted = false;
    }

    boolean has(long salt, int offset) {
        Offsets offsets = bySalt.get(salt);
        if (offsets == null) {
            return false;
        }
        if (!offsets.sorted) {
            Arrays.sort(offsets.all, 0, offsets.size);
            offsets.sorted = true;
        }
        return Arrays.binarySearch(offsets.all, 0, offsets.size, offset) >= 0;
    }
}
