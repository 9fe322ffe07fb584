package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import network.mycelium.storage.provider.disk.Disk;

/// Gives the space of removed blocks back: what still counts in some segments is written to another one that
/// replaces them all, in the one step in which it gets its name.
final class Compaction {
    private final BlockFiles files;
    private final int segmentBytes;
    private final ByteBuffer buffer;

    Compaction(BlockFiles files, int segmentBytes, ByteBuffer buffer) {
        this.files = files;
        this.segmentBytes = segmentBytes;
        this.buffer = buffer;
    }

    /// @return the bytes given back
    long run() throws IOException {
        long before = files.bytes();
        List<BlockSegment> sources = sources();
        while (!sources.isEmpty()) {
            replace(sources);
            sources = sources();
        }
        return Math.max(0, before - files.bytes());
    }

    /// Those with the least that counts, as long as that fits into one, and an eighth of them is garbage.
    private List<BlockSegment> sources() {
        List<BlockSegment> candidates = files.segments.values().stream()
                .filter(s -> s.garbage() > s.end() / 8)
                .sorted(Comparator.comparingLong(s -> s.live().get()))
                .toList();
        List<BlockSegment> sources = new ArrayList<>();
        long live = 0;
        for (BlockSegment candidate : candidates) {
            long more = candidate.live().get();
            if (sources.size() < BlockSegment.MAX_REPLACED && (sources.isEmpty() || live + more <= segmentBytes)) {
                sources.add(candidate);
                live += more;
            }
        }
        return sources;
    }

    private void replace(List<BlockSegment> sources) throws IOException {
        if (sources.stream().allMatch(s -> s.live().get() == 0)) {
            files.checkpoint();
            files.delete(sources);
            files.checkpoint();
            return;
        }
        int number = files.takeNumber();
        long salt = files.salts.getAsLong();
        Disk disk = files.disk;
        BlockSegment copy;
        try {
            copy = copy(sources, number, salt);
        } catch (IOException e) {
            files.discard(BlockOpening.UNFINISHED, e);
            throw e;
        }
        disk.rename(BlockOpening.UNFINISHED, BlockSegment.name(number, salt));
        BlockSegment named = BlockSegment.open(disk, BlockSegment.name(number, salt));
        copy.close();
        long live = sources.stream().mapToLong(s -> s.live().get()).sum();
        publish(named, sources);
        if (named.live().get() < live) {
            copyLeft(named, sources);
        }
        files.checkpoint();
        files.delete(sources);
        files.checkpoint();
    }

    private BlockSegment copy(List<BlockSegment> sources, int number, long salt) throws IOException {
        List<Long> salts = sources.stream().map(BlockSegment::salt).toList();
        BlockSegment copy = BlockSegment.create(files.disk, BlockOpening.UNFINISHED, number, salt, salts);
        for (BlockSegment source : sources) {
            source.sync();
            BlockScan.run(source, BlockSegment.HEADER, false, met -> {
                byte[] key = met.frame().key();
                Location at =
                        new Location(source.number(), met.offset(), met.frame().length());
                if (at.equals(files.index.find(key))) {
                    copy(source, key, at, copy);
                }
            });
        }
        copy.sync();
        return copy;
    }

    private void copy(BlockSegment source, byte[] key, Location at, BlockSegment copy) throws IOException {
        byte[] block = source.read(key, at);
        if (block == null) {
            files.journal.append(List.of(new BlockJournal.Quarantined(source.salt(), at.offset(), key)));
            files.index.remove(key);
            files.index.quarantine(key);
            source.live().addAndGet(-BlockFrame.extent(key.length, at.length()));
        } else {
            copy.append(BlockFrame.of(key, block), block, buffer);
        }
    }

    /// Blocks that the index finds where frames in front of them are damaged.
    private void copyLeft(BlockSegment named, List<BlockSegment> sources) throws IOException {
        List<byte[]> left = new ArrayList<>();
        files.flush();
        files.index.forEachBlock(key -> {
            int number = files.index.find(key).segment();
            if (sources.stream().anyMatch(source -> source.number() == number)) {
                left.add(key);
            }
            return true;
        });
        for (byte[] key : left) {
            Location at = files.index.find(key);
            copy(files.segments.get(at.segment()), key, at, named);
        }
        named.live().set(0);
        publish(named, sources);
    }

    private void publish(BlockSegment named, List<BlockSegment> sources) throws IOException {
        files.segments.put(named.number(), named);
        BlockScan.run(named, BlockSegment.HEADER, false, met -> {
            files.index.put(
                    met.frame().key(),
                    new Location(named.number(), met.offset(), met.frame().length()));
            named.live().addAndGet(met.frame().extent());
        });
        sources.forEach(source -> source.live().set(0));
    }
}
