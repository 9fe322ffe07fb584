package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import network.mycelium.storage.provider.disk.Disk;

/// The segments, the journal and the index of one store, as they were found or made.
final class BlockFiles {
    private static final Logger LOG = System.getLogger(BlockFiles.class.getName());

    final Disk disk;
    final LongSupplier salts;
    final BlockJournal journal;
    final BlockIndex index;
    final List<String> problems;
    /// By number; the last one is written to.
    final ConcurrentSkipListMap<Integer, BlockSegment> segments = new ConcurrentSkipListMap<>();

    private long checkpoint;
    private int number;

    BlockFiles(Disk disk, LongSupplier salts, BlockJournal journal, BlockIndex index, List<String> problems) {
        this.disk = disk;
        this.salts = salts;
        this.journal = journal;
        this.index = index;
        this.problems = problems;
        this.checkpoint = index.checkpoint();
        this.number = index.nextNumber();
    }

    long bytes() {
        return segments.values().stream().mapToLong(BlockSegment::end).sum();
    }

    long garbage() {
        return segments.values().stream().mapToLong(BlockSegment::garbage).sum();
    }

    /// Takes the next number. That of the last segment is the highest.
    int takeNumber() {
        number = Math.max(number, segments.isEmpty() ? 1 : segments.lastKey() + 1);
        return number++;
    }

    /// What has the salt; null if nothing does.
    BlockSegment bySalt(long salt) {
        return segments.values().stream()
                .filter(s -> s.salt() == salt)
                .findFirst()
                .orElse(null);
    }

    /// A segment for what comes next, on the disk when this returns.
    BlockSegment begin() throws IOException {
        int fresh = takeNumber();
        long salt = salts.getAsLong();
        String name = BlockSegment.name(fresh, salt);
        try {
            BlockSegment segment = BlockSegment.create(disk, name, fresh, salt, List.of());
            disk.sync();
            segments.put(fresh, segment);
            return segment;
        } catch (IOException e) {
            discard(name, e);
            throw e;
        }
    }

    void discard(String name, IOException cause) {
        try {
            disk.delete(name);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /// Makes room in memory while many blocks are found again.
    void flush() {
        index.flush(checkpoint + 1);
    }

    /// All that is known now is on the disk, and is found when the store is opened again without reading blocks.
    void checkpoint() throws IOException {
        for (BlockSegment segment : segments.values()) {
            segment.sync();
        }
        long next = checkpoint + 1;
        index.flush(next);
        long kept = -1;
        if (journal.isLong(index.pinCount())) {
            Map<Long, BlockIndex.Known> known = known();
            kept = journal.rewrite(known.keySet(), index);
        }
        index.checkpoint(next, journal.next(), number, known());
        journal.append(List.of(new BlockJournal.Checkpoint(next)));
        checkpoint = next;
        if (kept >= 0) {
            journal.drop(kept);
        }
    }

    private Map<Long, BlockIndex.Known> known() {
        Map<Long, BlockIndex.Known> known = new HashMap<>();
        segments.values()
                .forEach(s -> known.put(
                        s.salt(), new BlockIndex.Known(s.end(), s.live().get())));
        return known;
    }

    void delete(Collection<BlockSegment> gone) throws IOException {
        for (BlockSegment segment : gone) {
            segments.remove(segment.number());
            segment.delete(disk);
        }
        disk.sync();
    }

    void close() {
        index.close();
        journal.close();
        for (BlockSegment segment : segments.values()) {
            try {
                segment.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "{0} in {1} did not close: {2}", segment.name(), disk.place(), e.getMessage());
            }
        }
    }
}
