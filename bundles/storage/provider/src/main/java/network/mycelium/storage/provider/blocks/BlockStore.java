package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;
import network.mycelium.storage.provider.disk.Disk;
import network.mycelium.storage.provider.disk.Failures;

/// Blocks in segments. A block is added to the last segment and never changed; what was removed, pinned or
/// quarantined is in the journal; the index tells where each block is. Space comes back by [Compaction].
public final class BlockStore implements Blocks, AutoCloseable {
    private static final Logger LOG = System.getLogger(BlockStore.class.getName());
    private static final int BUFFER = 256 << 10;
    private static final int MIN_SEGMENT = 1 << 20;
    private static final int MAX_SEGMENT = 256 << 20;
    /// A quota is so many segments, so that compaction needs little room.
    private static final int SEGMENTS = 64;
    /// So many changes wait in memory for the next checkpoint, 150 bytes each.
    private static final int MAX_CHANGES = 32_000;
    /// How often a block is looked for that moves meanwhile.
    private static final int TRIES = 5;
    /// A quarter of garbage is given back by itself.
    private static final int GARBAGE = 4;

    private final Disk disk;
    private final Path indexFile;
    private final LongSupplier salts;
    private final int fixedSegment;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    /// Held by who changes something.
    private final ReentrantLock lock = new ReentrantLock();
    /// Held by who syncs; never waited for with the other one in the other order.
    private final ReentrantLock syncing = new ReentrantLock();

    private volatile BlockFiles files;
    private volatile long quota;
    private volatile boolean closed;
    private volatile String broken = "";

    private BlockStore(Disk disk, Path indexFile, long quota, int segment, LongSupplier salts) {
        this.disk = disk;
        this.indexFile = indexFile;
        this.quota = quota;
        this.fixedSegment = segment;
        this.salts = salts;
    }

    /// @param salts random numbers
    public static BlockStore open(Disk disk, Path indexFile, long quota, LongSupplier salts) throws IOException {
        return open(disk, indexFile, quota, 0, salts);
    }

    /// @param segment bytes after which another segment begins; 0: by the quota
    static BlockStore open(Disk disk, Path indexFile, long quota, int segment, LongSupplier salts) throws IOException {
        var store = new BlockStore(disk, indexFile, quota, segment, salts);
        store.files = new BlockOpening(disk, indexFile, salts).open();
        return store;
    }

    int segmentBytes() {
        return fixedSegment > 0 ? fixedSegment : Math.clamp(quota / SEGMENTS, MIN_SEGMENT, MAX_SEGMENT);
    }

    private BlockFiles files() {
        checkOpen();
        return files;
    }

    private void checkOpen() {
        if (closed) {
            throw new StorageException("The blocks in " + disk.place() + " are closed. Open them again.", null);
        }
    }

    /// What failed before is tried anew from what is on the disk.
    private void checkUsable() {
        checkOpen();
        if (!broken.isEmpty()) {
            files.close();
            try {
                files = new BlockOpening(disk, indexFile, salts).open();
                LOG.log(Level.INFO, "the blocks in {0} were opened again after: {1}", disk.place(), broken);
                broken = "";
            } catch (IOException e) {
                throw Failures.of(
                        "The blocks in %s failed (%s) and could not be opened again".formatted(disk.place(), broken),
                        e,
                        "Look after the disk, and try again.");
            }
        }
    }

    private interface Change<T> {
        T run() throws IOException;
    }

    private <T> T change(String what, Change<T> change) {
        lock.lock();
        try {
            checkUsable();
            return change.run();
        } catch (IOException e) {
            throw failed(what, e);
        } catch (org.h2.mvstore.MVStoreException e) {
            throw failed(what, new IOException(e.getMessage() + causes(e), e));
        } finally {
            lock.unlock();
        }
    }

    /// MVStore tells in a cause what the disk said.
    private static String causes(Throwable failure) {
        var text = new StringBuilder();
        for (Throwable t = failure.getCause(); t != null; t = t.getCause()) {
            text.append("; ").append(t.getMessage());
        }
        return text.toString();
    }

    private StorageException failed(String what, IOException cause) {
        broken = String.valueOf(cause.getMessage());
        return Failures.of(
                "%s in %s failed".formatted(what, disk.place()),
                cause,
                "What was synced is kept; look after the disk, and try again.");
    }

    @Override
    public byte[] put(byte[] block) {
        byte[] key = Multihash.sha256(block);
        add(key, block);
        return key;
    }

    @Override
    public boolean put(byte[] multihash, byte[] block) {
        if (!Multihash.of(multihash).fits(block)) {
            throw new IllegalArgumentException("A block of %,d bytes does not have the multihash %s; it is not kept"
                    .formatted(block.length, Key.hex(multihash)));
        }
        return add(multihash.clone(), block);
    }

    private boolean add(byte[] key, byte[] block) {
        if (block.length > MAX_BLOCK) {
            throw new IllegalArgumentException("A block has %,d bytes; at most %,d are kept. Cut it into smaller ones."
                    .formatted(block.length, MAX_BLOCK));
        }
        BlockFiles seen = files();
        long flushes = seen.index.flushes();
        boolean looked = broken.isEmpty();
        if (looked && seen.index.find(key) != null) {
            return false;
        }
        BlockFrame frame = BlockFrame.of(key, block);
        makeRoom(frame.extent());
        return change("To keep a block", () -> {
            if (!files.index.isNew(key, looked && files == seen ? flushes : -1)) {
                return false;
            }
            checkQuota(frame.extent());
            BlockSegment segment = room(frame.extent());
            Location at = write(segment, frame, block);
            files.index.add(key, at);
            segment.live().addAndGet(frame.extent());
            checkpointIfMany();
            return true;
        });
    }

    private void makeRoom(int bytes) {
        BlockFiles now = files();
        if (now.bytes() + bytes + BlockSegment.HEADER > quota && now.garbage() > bytes) {
            compact();
        }
    }

    private void checkQuota(int bytes) {
        long taken = files.bytes();
        if (taken + bytes > quota) {
            throw new StorageFullException(
                    "The blocks in %s take %,d bytes of their quota of %,d, and %,d more were to come. The block was not kept. Remove blocks, or raise the quota."
                            .formatted(disk.place(), taken, quota, bytes),
                    null);
        }
    }

    private BlockSegment room(int bytes) throws IOException {
        BlockSegment last =
                files.segments.isEmpty() ? null : files.segments.lastEntry().getValue();
        if (last == null || last.end() > BlockSegment.HEADER && last.end() + bytes > segmentBytes()) {
            if (last != null) {
                last.sync();
            }
            return beginOrSay();
        }
        return last;
    }

    /// A full disk keeps a segment from beginning, and breaks nothing.
    private BlockSegment beginOrSay() throws IOException {
        try {
            return files.begin();
        } catch (IOException e) {
            if (Failures.isFull(e)) {
                throw Failures.of("The blocks in %s took no block".formatted(disk.place()), e, "");
            }
            throw e;
        }
    }

    private Location write(BlockSegment segment, BlockFrame frame, byte[] block) throws IOException {
        int before = segment.end();
        try {
            return segment.append(frame, block, buffer);
        } catch (IOException e) {
            segment.cut(before);
            if (Failures.isFull(e)) {
                throw Failures.of("The blocks in %s took no block".formatted(disk.place()), e, "");
            }
            throw e;
        }
    }

    private void checkpointIfMany() throws IOException {
        if (files.index.changes() > MAX_CHANGES) {
            files.checkpoint();
        }
    }

    @Override
    public void sync() {
        BlockFiles now = files();
        BlockSegment last =
                now.segments.isEmpty() ? null : now.segments.lastEntry().getValue();
        if (last == null) {
            return;
        }
        int until = last.end();
        syncing.lock();
        try {
            if (last.synced() < until) {
                last.sync();
            }
        } catch (IOException e) {
            if (now.segments.containsKey(last.number())) {
                throw failed("To sync", e);
            }
        } finally {
            syncing.unlock();
        }
    }

    @Override
    public boolean has(byte[] multihash) {
        return find(multihash) != null;
    }

    private Location find(byte[] multihash) {
        if (!broken.isEmpty()) {
            change("To find a block", () -> true);
        }
        return files().index.find(multihash);
    }

    @Override
    public Optional<Integer> size(byte[] multihash) {
        return Optional.ofNullable(find(multihash)).map(Location::length);
    }

    @Override
    public Optional<byte[]> get(byte[] multihash) {
        return read(multihash, false);
    }

    private Optional<byte[]> read(byte[] key, boolean checkHash) {
        IOException failure = null;
        for (int i = 0; i < TRIES; i++) {
            Location at = find(key);
            if (at == null) {
                return Optional.empty();
            }
            BlockSegment segment = files().segments.get(at.segment());
            try {
                byte[] block = segment == null ? null : segment.read(key, at);
                if (block != null && (!checkHash || Multihash.of(key).fits(block))) {
                    return Optional.of(block);
                }
                if (at.equals(find(key)) && segment == files().segments.get(at.segment())) {
                    quarantine(key, at);
                    throw new DamagedException(
                            "Block %s is damaged, at byte %,d of %s in %s. It is in quarantine; put it again from elsewhere, or remove it."
                                    .formatted(
                                            Key.hex(key),
                                            at.offset(),
                                            segment == null ? "a file that is gone" : segment.name(),
                                            disk.place()),
                            null);
                }
            } catch (IOException e) {
                // Its segment may have been compacted meanwhile.
                failure = e;
            }
        }
        throw new StorageException(
                "Block %s in %s could not be read: %s".formatted(Key.hex(key), disk.place(), failure), failure);
    }

    private void quarantine(byte[] key, Location at) {
        change("To set a damaged block aside", () -> {
            if (at.equals(files.index.find(key))) {
                BlockSegment segment = files.segments.get(at.segment());
                if (segment != null) {
                    files.journal.append(List.of(new BlockJournal.Quarantined(segment.salt(), at.offset(), key)));
                    segment.live().addAndGet(-BlockFrame.extent(key.length, at.length()));
                }
                files.index.remove(key);
                files.index.quarantine(key);
                LOG.log(Level.ERROR, "block {0} in {1} is damaged and in quarantine", Key.hex(key), disk.place());
            }
            return true;
        });
    }

    @Override
    public int remove(Collection<byte[]> multihashes) {
        Set<Key> keys = new LinkedHashSet<>();
        multihashes.forEach(multihash -> keys.add(new Key(multihash.clone())));
        int count = change("To remove blocks", () -> {
            for (Key key : keys) {
                if (files.index.pinned(key.bytes())) {
                    throw new IllegalStateException(
                            "Block %s is pinned; no block was removed. Unpin it first.".formatted(key));
                }
            }
            List<BlockJournal.Removed> entries = new ArrayList<>();
            for (Key key : keys) {
                Location at = files.index.find(key.bytes());
                if (at != null) {
                    BlockSegment segment = files.segments.get(at.segment());
                    segment.sync();
                    entries.add(new BlockJournal.Removed(segment.salt(), at.offset(), key.bytes()));
                } else if (files.index.quarantined(key.bytes())) {
                    files.index.release(key.bytes());
                }
            }
            files.journal.append(entries);
            entries.forEach(entry -> forget(entry.key()));
            checkpointIfMany();
            return entries.size();
        });
        BlockFiles now = files();
        long garbage = now.garbage();
        if (garbage > segmentBytes() && garbage > now.bytes() / GARBAGE) {
            compact();
        }
        return count;
    }

    private void forget(byte[] key) {
        Location at = files.index.find(key);
        files.index.remove(key);
        files.segments.get(at.segment()).live().addAndGet(-BlockFrame.extent(key.length, at.length()));
    }

    @Override
    public void forEach(Predicate<byte[]> visitor) {
        flush();
        files().index.forEachBlock(visitor);
    }

    private void flush() {
        change("To list blocks", () -> {
            if (files.index.changes() > 0) {
                files.checkpoint();
            }
            return true;
        });
    }

    @Override
    public void pin(byte[] multihash) {
        Multihash.of(multihash);
        byte[] key = multihash.clone();
        sync();
        change("To pin a block", () -> {
            if (!files.index.pinned(key)) {
                files.journal.append(List.of(new BlockJournal.Pinned(key)));
                files.index.pin(key);
                checkpointIfMany();
            }
            return true;
        });
    }

    @Override
    public boolean unpin(byte[] multihash) {
        byte[] key = multihash.clone();
        return change("To unpin a block", () -> {
            if (!files.index.pinned(key)) {
                return false;
            }
            files.journal.append(List.of(new BlockJournal.Unpinned(key)));
            files.index.unpin(key);
            checkpointIfMany();
            return true;
        });
    }

    @Override
    public boolean pinned(byte[] multihash) {
        return files().index.pinned(multihash);
    }

    @Override
    public void forEachPin(Predicate<byte[]> visitor) {
        flush();
        files().index.forEachPin(visitor);
    }

    @Override
    public Scrub scrub(Predicate<Scrub> goOn) {
        var seen = new Object() {
            Scrub so = new Scrub(0, 0, List.of());
        };
        forEach(key -> {
            if (!goOn.test(seen.so)) {
                return false;
            }
            Scrub before = seen.so;
            try {
                Optional<byte[]> block = read(key, true);
                seen.so = new Scrub(
                        before.blocks() + block.map(b -> 1).orElse(0),
                        before.bytes() + block.map(b -> b.length).orElse(0),
                        before.damaged());
            } catch (DamagedException e) {
                var damaged = new ArrayList<>(before.damaged());
                damaged.add(key);
                seen.so = new Scrub(before.blocks() + 1, before.bytes(), List.copyOf(damaged));
            }
            return true;
        });
        return seen.so;
    }

    @Override
    public List<byte[]> quarantined() {
        if (files().index.quarantineCount() == 0) {
            return List.of();
        }
        flush();
        return files().index.quarantined();
    }

    @Override
    public List<String> problems() {
        return List.copyOf(files().problems);
    }

    @Override
    public long compact() {
        return change("To compact", () -> new Compaction(files, segmentBytes(), buffer).run());
    }

    @Override
    public long count() {
        return files().index.count();
    }

    @Override
    public long bytes() {
        return files().bytes();
    }

    /// With the journal.
    public long bytesOnDisk() {
        return files().bytes() + files().journal.bytes();
    }

    @Override
    public long quota() {
        return quota;
    }

    public void quota(long bytes) {
        quota = bytes;
    }

    /// What was put is synced. What fails is logged, and found again when it is opened.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (broken.isEmpty() && files.index.changes() > 0) {
                files.checkpoint();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the blocks in {0} closed without a checkpoint: {1}", disk.place(), e.getMessage());
        } finally {
            if (!closed) {
                closed = true;
                files.close();
            }
            lock.unlock();
        }
    }
}
