package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.Log;
import network.mycelium.storage.provider.disk.Disk;
import network.mycelium.storage.provider.log.SegmentedLog;

/// What happened to blocks but for being put: a [Log] whose records are an entry each. The first byte is the kind:
/// removed (1) and quarantined (4) with salt of the segment (8), offset of the frame (4) and multihash; pinned (2)
/// and unpinned (3) with the multihash; checkpoint (5) with its number (8).
final class BlockJournal implements AutoCloseable {
    /// What can happen.
    sealed interface Entry {
        byte[] bytes();
    }

    record Removed(long salt, int offset, byte[] key) implements Entry {
        @Override
        public byte[] bytes() {
            return place(1, salt, offset, key);
        }
    }

    record Quarantined(long salt, int offset, byte[] key) implements Entry {
        @Override
        public byte[] bytes() {
            return place(4, salt, offset, key);
        }
    }

    record Pinned(byte[] key) implements Entry {
        @Override
        public byte[] bytes() {
            return pin(2, key);
        }
    }

    record Unpinned(byte[] key) implements Entry {
        @Override
        public byte[] bytes() {
            return pin(3, key);
        }
    }

    record Checkpoint(long number) implements Entry {
        @Override
        public byte[] bytes() {
            return ByteBuffer.allocate(9).put((byte) 5).putLong(number).array();
        }
    }

    /// What is done with each entry.
    interface Reader {
        void read(Entry entry);
    }

    private static final long QUOTA = 4L << 30;
    private static final int CHUNK = 64 << 10;
    private static final int BATCH = 1000;
    /// It is written anew when it has this many more entries than are needed.
    private static final int SPARE = 20_000;

    private final SegmentedLog log;
    private long needed;

    private BlockJournal(SegmentedLog log) {
        this.log = log;
    }

    static BlockJournal open(Disk disk, LongSupplier salts) throws IOException {
        return new BlockJournal(SegmentedLog.open(disk, QUOTA, salts));
    }

    private static byte[] place(int kind, long salt, int offset, byte[] key) {
        return ByteBuffer.allocate(13 + key.length)
                .put((byte) kind)
                .putLong(salt)
                .putInt(offset)
                .put(key)
                .array();
    }

    private static byte[] pin(int kind, byte[] key) {
        return ByteBuffer.allocate(1 + key.length).put((byte) kind).put(key).array();
    }

    /// @return null if it is none
    private static Entry entry(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        if (bytes.length < 2) {
            return null;
        }
        int kind = in.get();
        return switch (kind) {
            case 1, 4 -> {
                if (bytes.length < 15) {
                    yield null;
                }
                long salt = in.getLong();
                int offset = in.getInt();
                byte[] key = rest(in);
                yield kind == 1 ? new Removed(salt, offset, key) : new Quarantined(salt, offset, key);
            }
            case 2 -> new Pinned(rest(in));
            case 3 -> new Unpinned(rest(in));
            case 5 -> bytes.length == 9 ? new Checkpoint(in.getLong()) : null;
            default -> null;
        };
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] key = new byte[in.remaining()];
        in.get(key);
        return key;
    }

    long first() {
        return log.first();
    }

    long next() {
        return log.next();
    }

    long bytes() {
        return log.bytes();
    }

    /// What is damaged from an index on.
    ///
    /// @param all whether all of it is read for that, or what was looked at already
    List<Log.Damage> damage(long from, boolean all) {
        return (all ? log.scrub() : log.damage())
                .stream().filter(d -> d.last() >= from).toList();
    }

    void append(List<? extends Entry> entries) {
        for (int i = 0; i < entries.size(); i += BATCH) {
            giveUpDamagedEnd();
            log.append(entries.subList(i, Math.min(entries.size(), i + BATCH)).stream()
                    .map(Entry::bytes)
                    .toList());
        }
    }

    /// The damage was told when it was opened; a store of blocks goes on.
    private void giveUpDamagedEnd() {
        if (log.endDamaged()) {
            log.truncateFrom(log.next());
        }
    }

    /// Reads entries; those that are damaged are left out.
    void read(long from, Reader reader) {
        long at = Math.max(from, log.first());
        long until = log.next();
        while (at < until) {
            try {
                for (byte[] bytes : log.read(at, CHUNK)) {
                    at++;
                    Entry entry = entry(bytes);
                    if (entry != null) {
                        reader.read(entry);
                    }
                }
            } catch (DamagedException e) {
                at++;
            }
        }
    }

    boolean isLong(long pins) {
        return log.next() - log.first() > 4 * (needed + pins) + SPARE;
    }

    /// Adds all that is still needed once more, so that what is before can be [dropped][#drop].
    ///
    /// @param salts of the segments that there are
    /// @return the index of the first of these entries
    long rewrite(Set<Long> salts, BlockIndex index) {
        long start = log.next();
        List<Entry> kept = new ArrayList<>();
        needed = 0;
        read(log.first(), entry -> {
            boolean keep = switch (entry) {
                case Removed removed -> salts.contains(removed.salt());
                case Quarantined quarantined -> salts.contains(quarantined.salt());
                default -> false;
            };
            if (keep) {
                keep(kept, entry);
            }
        });
        index.forEachPin(pin -> {
            keep(kept, new Pinned(pin));
            return true;
        });
        append(kept);
        return start;
    }

    private void keep(List<Entry> kept, Entry entry) {
        needed++;
        kept.add(entry);
        if (kept.size() == BATCH) {
            append(kept);
            kept.clear();
        }
    }

    void drop(long before) {
        log.truncateBefore(before);
    }

    @Override
    public void close() {
        log.close();
    }
}
