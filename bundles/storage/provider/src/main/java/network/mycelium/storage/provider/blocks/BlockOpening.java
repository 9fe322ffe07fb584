package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.Disk;

/// Finds what a store of blocks was, whatever a power cut or damage left of it. What is in the index since its
/// last checkpoint is believed; what came after is read from the segments and the journal. Without an index, all
/// is.
final class BlockOpening {
    private static final Logger LOG = System.getLogger(BlockOpening.class.getName());
    /// What a compaction that was cut short has left.
    static final String UNFINISHED = "compacting.tmp";

    private static final int MAX_CHANGES = 32_000;

    private final Disk disk;
    private final Path indexFile;
    private final LongSupplier salts;

    /// What does not count any more.
    private final Places gone = new Places();

    /// Of these what the index may still have; none if it is made anew.
    private final List<BlockJournal.Removed> removed = new ArrayList<>();

    private final List<BlockJournal.Quarantined> quarantined = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private boolean changed;

    BlockOpening(Disk disk, Path indexFile, LongSupplier salts) {
        this.disk = disk;
        this.indexFile = indexFile;
        this.salts = salts;
    }

    BlockFiles open() throws IOException {
        List<BlockSegment> segments = segments();
        BlockJournal journal = null;
        BlockIndex index = null;
        try {
            journal = BlockJournal.open(disk.folder("journal"), salts);
            index = index(journal);
            var files = new BlockFiles(disk, salts, journal, index, problems);
            segments.forEach(segment -> files.segments.put(segment.number(), segment));
            catchUp(files);
            return files;
        } catch (IOException | RuntimeException e) {
            if (index != null) {
                index.close();
            }
            if (journal != null) {
                journal.close();
            }
            for (BlockSegment segment : segments) {
                segment.close();
            }
            throw e;
        }
    }

    /// Without those that others replace.
    private List<BlockSegment> segments() throws IOException {
        List<BlockSegment> found = new ArrayList<>();
        boolean dropped = false;
        for (String name : disk.names()) {
            if (name.equals(UNFINISHED)) {
                disk.delete(name);
                dropped = true;
            } else if (BlockSegment.isName(name)) {
                found.add(BlockSegment.open(disk, name));
            }
        }
        Set<Long> replaced = new HashSet<>();
        found.forEach(segment -> replaced.addAll(segment.replaced()));
        List<BlockSegment> kept = new ArrayList<>();
        for (BlockSegment segment : found) {
            if (replaced.contains(segment.salt())) {
                segment.delete(disk);
                dropped = true;
            } else {
                kept.add(segment);
            }
        }
        if (dropped) {
            disk.sync();
        }
        return kept;
    }

    private BlockIndex index(BlockJournal journal) throws IOException {
        BlockIndex index = null;
        String why;
        try {
            index = BlockIndex.open(indexFile);
            why = distrust(index, journal);
            if (why.isEmpty()) {
                return index;
            }
        } catch (RuntimeException e) {
            why = String.valueOf(e.getMessage());
        }
        if (index != null) {
            index.close();
        }
        if (journal.next() > 1) {
            LOG.log(
                    Level.WARNING,
                    "the index of the blocks in {0} is made anew from the blocks themselves, which takes a while: {1}",
                    disk.place(),
                    why);
        }
        Files.deleteIfExists(indexFile);
        return BlockIndex.open(indexFile);
    }

    /// @return why the index is not to be believed; empty if it is
    private static String distrust(BlockIndex index, BlockJournal journal) {
        long checkpoint = index.checkpoint();
        if (checkpoint == 0) {
            return "it is empty";
        }
        if (index.journal() < journal.first() || index.journal() > journal.next()) {
            return "it is from another time than the journal";
        }
        var found = new boolean[1];
        journal.read(
                index.journal(),
                entry -> found[0] |= entry instanceof BlockJournal.Checkpoint(long number) && number == checkpoint);
        return found[0] ? "" : "it was being written when the node stopped";
    }

    private void catchUp(BlockFiles files) throws IOException {
        boolean anew = files.index.checkpoint() == 0;
        long from = anew ? files.journal.first() : files.index.journal();
        tellDamage(files.journal, from, anew);
        files.journal.read(from, entry -> replay(files.index, entry, anew));
        Map<Long, BlockIndex.Known> known = files.index.segments();
        for (BlockSegment segment : files.segments.values()) {
            scan(files, segment, known.get(segment.salt()));
        }
        removed.forEach(entry -> forget(files, entry.salt(), entry.offset(), entry.key()));
        for (var entry : quarantined) {
            forget(files, entry.salt(), entry.offset(), entry.key());
            if (files.index.find(entry.key()) == null && files.bySalt(entry.salt()) != null) {
                files.index.quarantine(entry.key());
            }
        }
        if (known.keySet().stream().anyMatch(salt -> files.bySalt(salt) == null)) {
            purge(files);
        }
        if (changed || files.index.changes() > 0) {
            files.checkpoint();
        }
    }

    private void tellDamage(BlockJournal journal, long from, boolean anew) {
        for (Log.Damage damage : journal.damage(from, anew)) {
            tell(
                    "the journal is damaged (entries %,d to %,d, %s): pins made then may be forgotten, and removed blocks be back"
                            .formatted(damage.first(), damage.last(), damage.what()));
        }
    }

    private void replay(BlockIndex index, BlockJournal.Entry entry, boolean anew) {
        switch (entry) {
            case BlockJournal.Removed r -> {
                gone.add(r.salt(), r.offset());
                if (!anew) {
                    removed.add(r);
                }
            }
            case BlockJournal.Quarantined q -> {
                gone.add(q.salt(), q.offset());
                quarantined.add(q);
            }
            case BlockJournal.Pinned(byte[] key) -> index.pin(key);
            case BlockJournal.Unpinned(byte[] key) -> index.unpin(key);
            case BlockJournal.Checkpoint c -> {}
        }
    }

    private void scan(BlockFiles files, BlockSegment segment, BlockIndex.Known known) throws IOException {
        int from = known == null ? BlockSegment.HEADER : known.scanned();
        segment.live().set(known == null ? 0 : known.live());
        if (segment.end() <= from) {
            if (segment.end() < from) {
                lost(segment, from);
            }
            return;
        }
        changed = true;
        int end = BlockScan.run(segment, from, true, new BlockScan.Visitor() {
            @Override
            public void met(BlockScan.Met met) {
                BlockOpening.this.met(files, segment, met);
            }

            @Override
            public void skipped(int start, int until) {
                tell("bytes %,d to %,d of %s are damaged: they are no blocks, and nobody knows which ones they were"
                        .formatted(start, until - 1, segment.name()));
            }
        });
        segment.cut(end);
    }

    private void tell(String problem) {
        problems.add(problem);
        LOG.log(Level.ERROR, "blocks in {0}: {1}", disk.place(), problem);
    }

    private void lost(BlockSegment segment, int expected) {
        tell("%s ends at byte %,d, and was longer: blocks behind that are lost, up to byte %,d"
                .formatted(segment.name(), segment.end(), expected));
    }

    private void met(BlockFiles files, BlockSegment segment, BlockScan.Met met) {
        byte[] key = met.frame().key();
        if (gone.has(segment.salt(), met.offset())) {
            return;
        }
        if (!met.intact()) {
            if (!met.torn()) {
                var damaged = new BlockJournal.Quarantined(segment.salt(), met.offset(), key);
                quarantined.add(damaged);
                files.journal.append(List.of(damaged));
            }
            return;
        }
        var at = new Location(segment.number(), met.offset(), met.frame().length());
        Location before = files.index.find(key);
        if (at.equals(before)) {
            return;
        }
        BlockSegment other = before == null ? null : files.segments.get(before.segment());
        if (other != null && before.offset() < other.end()) {
            // Twice: the older one must not come back when this one is removed.
            files.journal.append(List.of(new BlockJournal.Removed(other.salt(), before.offset(), key)));
            other.live().addAndGet(-BlockFrame.extent(key.length, before.length()));
        }
        files.index.put(key, at);
        files.index.release(key);
        segment.live().addAndGet(met.frame().extent());
        if (files.index.changes() > MAX_CHANGES) {
            files.flush();
        }
    }

    private static void forget(BlockFiles files, long salt, int offset, byte[] key) {
        Location at = files.index.find(key);
        BlockSegment segment = at == null ? null : files.segments.get(at.segment());
        if (at != null && segment == null) {
            // It went with its segment, since this index was written.
            files.index.remove(key);
        } else if (at != null && segment.salt() == salt && at.offset() == offset) {
            files.index.remove(key);
            segment.live().addAndGet(-BlockFrame.extent(key.length, at.length()));
        }
    }

    /// Files went away under the index.
    private void purge(BlockFiles files) {
        files.flush();
        var lost = new AtomicLong();
        List<byte[]> keys = new ArrayList<>();
        files.index.forEachBlock(key -> {
            Location at = files.index.find(key);
            if (at != null && !files.segments.containsKey(at.segment())) {
                keys.add(key);
            }
            if (keys.size() > MAX_CHANGES) {
                keys.forEach(files.index::remove);
                lost.addAndGet(keys.size());
                keys.clear();
                files.flush();
            }
            return true;
        });
        keys.forEach(files.index::remove);
        lost.addAndGet(keys.size());
        changed = true;
        if (lost.get() > 0) {
            tell("%,d blocks are lost: their files are gone".formatted(lost.get()));
        }
    }

    /// What cannot be opened, for people.
    static StorageException failed(Disk disk, Exception e) {
        return new StorageException(
                "The blocks in %s cannot be opened: %s. Make the folder one that this user can write, with room on its disk, and try again."
                        .formatted(disk.place(), e),
                e);
    }
}
