package network.mycelium.storage.provider.blocks;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/// Finds blocks, pins and quarantined blocks: an MVStore, which can be lost at any time, as all of it is in the
/// segments and in the journal.
///
/// It is written at checkpoints. One that was not finished is found out, as its number is not in the journal then.
final class BlockIndex implements AutoCloseable {
    private static final Logger LOG = System.getLogger(BlockIndex.class.getName());
    /// So many changes are committed at once: what they touch is in memory until then.
    private static final int SLICE = 2048;
    private static final int CACHE_MEGABYTES = 6;
    private static final int PAGE = 4 << 10;
    private static final int BATCH = 512;

    private static final byte[] CHECKPOINT = "checkpoint".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NUMBER = "number".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] JOURNAL = "journal".getBytes(StandardCharsets.US_ASCII);

    /// What is known of a segment.
    ///
    /// @param scanned so far its blocks are in the index
    /// @param live bytes of blocks that count
    record Known(int scanned, long live) {}

    private final MVStore store;
    private final IndexMap blocks;
    private final IndexMap pins;
    private final IndexMap quarantine;
    private final MVMap<byte[], byte[]> segments;
    private final MVMap<byte[], byte[]> state;
    /// Pages are overwritten when the next version has others: who reads keeps that from happening.
    private final ReentrantReadWriteLock pages = new ReentrantReadWriteLock();
    private final AtomicLong flushes = new AtomicLong();

    private BlockIndex(MVStore store) {
        this.store = store;
        this.blocks = new IndexMap(map("blocks"));
        this.pins = new IndexMap(map("pins"));
        this.quarantine = new IndexMap(map("quarantine"));
        this.segments = map("segments");
        this.state = map("state");
    }

    private MVMap<byte[], byte[]> map(String name) {
        return store.openMap(
                name,
                new MVMap.Builder<byte[], byte[]>()
                        .keyType(ByteArrayDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
    }

    /// @throws RuntimeException of MVStore, if the file is damaged
    static BlockIndex open(Path file) {
        return uninterrupted(() -> {
            MVStore store = new MVStore.Builder()
                    .fileName("retry:" + file)
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .cacheSize(CACHE_MEGABYTES)
                    .pageSplitSize(PAGE)
                    .open();
            try {
                store.setRetentionTime(0);
                store.setVersionsToKeep(0);
                return new BlockIndex(store);
            } catch (RuntimeException e) {
                store.closeImmediately();
                throw e;
            }
        });
    }

    /// MVStore closes its file when its thread is interrupted.
    private static <T> T uninterrupted(Supplier<T> call) {
        boolean interrupted = Thread.interrupted();
        try {
            return call.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> T reading(Supplier<T> call) {
        pages.readLock().lock();
        try {
            return uninterrupted(call);
        } finally {
            pages.readLock().unlock();
        }
    }

    /// @return null if there is none
    Location find(byte[] key) {
        return Location.of(reading(() -> blocks.get(key)));
    }

    /// One thread at a time, as for all that changes the index.
    void put(byte[] key, Location at) {
        reading(() -> {
            blocks.put(key, at.bytes());
            return true;
        });
    }

    /// How often changes were flushed.
    long flushes() {
        return flushes.get();
    }

    /// Whether a block is still not there, that was not there when it was looked for.
    ///
    /// @param seenFlushes as they were before that look
    boolean isNew(byte[] key, long seenFlushes) {
        return flushes.get() == seenFlushes ? blocks.fresh(key) == null : find(key) == null;
    }

    /// Puts a block that is not there.
    void add(byte[] key, Location at) {
        blocks.add(key, at.bytes());
        if (quarantine.size() > 0) {
            release(key);
        }
    }

    boolean remove(byte[] key) {
        return reading(() -> blocks.remove(key));
    }

    boolean pinned(byte[] key) {
        return reading(() -> pins.get(key)) != null;
    }

    void pin(byte[] key) {
        reading(() -> {
            pins.put(key, new byte[] {1});
            return true;
        });
    }

    boolean unpin(byte[] key) {
        return reading(() -> pins.remove(key));
    }

    boolean quarantined(byte[] key) {
        return reading(() -> quarantine.get(key)) != null;
    }

    void quarantine(byte[] key) {
        reading(() -> {
            quarantine.put(key, new byte[] {1});
            return true;
        });
    }

    boolean release(byte[] key) {
        return reading(() -> quarantine.remove(key));
    }

    long count() {
        return blocks.size();
    }

    long pinCount() {
        return pins.size();
    }

    long quarantineCount() {
        return quarantine.size();
    }

    /// How many changes are in memory.
    int changes() {
        return blocks.changes() + pins.changes() + quarantine.changes();
    }

    /// By salt.
    Map<Long, Known> segments() {
        return reading(() -> {
            Map<Long, Known> known = new HashMap<>();
            var cursor = segments.cursor(null);
            while (cursor.hasNext()) {
                long salt = ByteBuffer.wrap(cursor.next()).getLong();
                var value = ByteBuffer.wrap(cursor.getValue());
                known.put(salt, new Known(value.getInt(), value.getLong()));
            }
            return known;
        });
    }

    /// Number of the last checkpoint that was begun; 0 if there was none.
    long checkpoint() {
        return number(CHECKPOINT);
    }

    /// Index in the journal from which on its entries are not here.
    long journal() {
        return number(JOURNAL);
    }

    /// Number that the next segment gets; none is given twice, as places in the index are told by it.
    int nextNumber() {
        return (int) number(NUMBER);
    }

    private long number(byte[] key) {
        byte[] value = reading(() -> state.get(key));
        return value == null ? 0 : ByteBuffer.wrap(value).getLong();
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /// Writes the changes without a checkpoint, when there are many. It is begun, so that it counts for nothing if
    /// it is not finished.
    void flush(long checkpoint) {
        pages.writeLock().lock();
        try {
            flushes.incrementAndGet();
            uninterrupted(() -> {
                state.put(CHECKPOINT, bytes(checkpoint));
                store.commit();
                for (IndexMap map : List.of(blocks, pins, quarantine)) {
                    map.flush(SLICE, store::commit);
                }
                return store.commit();
            });
        } finally {
            pages.writeLock().unlock();
        }
    }

    /// Writes all; it is on the disk when this returns.
    void checkpoint(long number, long journalNext, int nextNumber, Map<Long, Known> known) {
        flush(number);
        pages.writeLock().lock();
        try {
            uninterrupted(() -> {
                segments.clear();
                known.forEach((salt, k) -> segments.put(
                        bytes(salt),
                        ByteBuffer.allocate(12)
                                .putInt(k.scanned())
                                .putLong(k.live())
                                .array()));
                state.put(JOURNAL, bytes(journalNext));
                state.put(NUMBER, bytes(nextNumber));
                store.commit();
                store.sync();
                return true;
            });
        } finally {
            pages.writeLock().unlock();
        }
    }

    void forEachBlock(Predicate<byte[]> visitor) {
        forEach(blocks, visitor);
    }

    void forEachPin(Predicate<byte[]> visitor) {
        forEach(pins, visitor);
    }

    List<byte[]> quarantined() {
        List<byte[]> keys = new ArrayList<>();
        forEach(quarantine, keys::add);
        return keys;
    }

    /// In batches, so that nothing is held while the visitor works. Shows what was flushed.
    private void forEach(IndexMap map, Predicate<byte[]> visitor) {
        byte[] last = null;
        while (true) {
            byte[] after = last;
            List<byte[]> batch = reading(() -> map.next(after, BATCH));
            for (byte[] key : batch) {
                if (reading(() -> map.get(key)) != null && !visitor.test(key)) {
                    return;
                }
                last = key;
            }
            if (batch.size() < BATCH) {
                return;
            }
        }
    }

    @Override
    public void close() {
        try {
            uninterrupted(() -> {
                store.close();
                return true;
            });
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "the index of blocks did not close, and is made anew if need be: {0}",
                    e.getMessage());
            store.closeImmediately();
        }
    }
}
