package network.mycelium.storage.provider.log;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;
import network.mycelium.storage.provider.disk.Disk;
import network.mycelium.storage.provider.disk.Failures;

/// A log in segments. Records go to the newest one; when it is full it is marked as whole and another one begins.
/// So the end of a segment that another follows is known, and what is missing there was damaged.
///
/// A file `first-INDEX` without content says which record is the first: it is there before older ones are removed.
/// One named `end-INDEX` is there while the records from that index on are taken away, which a power cut may
/// interrupt.
public final class SegmentedLog implements Log, AutoCloseable {
    private static final Logger LOG = System.getLogger(SegmentedLog.class.getName());
    private static final int BUFFER = 128 << 10;
    private static final int MIN_SEGMENT = 1 << 20;
    private static final int MAX_SEGMENT = 64 << 20;
    /// A quota is so many segments, so that truncation frees space in steps that matter.
    private static final int SEGMENTS = 32;

    private final Disk disk;
    private final LongSupplier salts;
    private final GroupCommit commits;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    /// Who reads holds it shared; who takes records or files away alone.
    private final ReentrantReadWriteLock files = new ReentrantReadWriteLock();

    private volatile List<LogSegment> segments;
    private volatile long first;
    private volatile long quota;
    private final int fixedSegment;
    private volatile boolean closed;
    private volatile String broken = "";

    private SegmentedLog(Disk disk, long quota, int segment, LongSupplier salts) {
        this.disk = disk;
        this.quota = quota;
        this.fixedSegment = segment;
        this.salts = salts;
        this.commits = new GroupCommit(this::write);
    }

    /// @param salts random numbers
    public static SegmentedLog open(Disk disk, long quota, LongSupplier salts) throws IOException {
        return open(disk, quota, 0, salts);
    }

    /// @param segment bytes after which another segment begins; 0: by the quota
    static SegmentedLog open(Disk disk, long quota, int segment, LongSupplier salts) throws IOException {
        var log = new SegmentedLog(disk, quota, segment, salts);
        try {
            new LogOpening(disk, salts).openInto(log);
        } catch (IOException | RuntimeException e) {
            log.closeFiles();
            throw e;
        }
        return log;
    }

    void opened(List<LogSegment> all, long firstIndex) {
        segments = List.copyOf(all);
        first = firstIndex;
    }

    private LogSegment newest() {
        return segments.getLast();
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public long next() {
        return Math.max(first, newest().next());
    }

    @Override
    public long append(byte[] record) {
        return append(List.of(record));
    }

    @Override
    public long append(List<byte[]> records) {
        long bytes = 0;
        for (byte[] record : records) {
            bytes += record.length;
        }
        if (records.isEmpty() || bytes > MAX_APPEND) {
            throw new IllegalArgumentException(
                    "%,d records of %,d bytes were given; an append takes at least one record, and at most %,d bytes"
                            .formatted(records.size(), bytes, MAX_APPEND));
        }
        return commits.append(records);
    }

    /// One thread at a time; [GroupCommit] sees to that.
    private long write(List<byte[]> records) {
        checkUsable();
        LogSegment segment = newest();
        checkEnd(segment);
        long bytes = records.stream().mapToLong(r -> LogFrame.extent(r.length)).sum();
        if (used() + bytes > quota) {
            throw new StorageFullException(
                    "The log in %s takes %,d bytes of its quota of %,d, and %,d more were to come. Nothing of them was kept. Truncate it, or raise its quota."
                            .formatted(disk.place(), used(), quota, bytes),
                    null);
        }
        try {
            if (!segment.isEmpty() && segment.end() + bytes > segmentBytes()) {
                segment = roll();
            }
            long index = segment.next();
            segment.append(records, buffer, Math.min(LogSegment.AHEAD, segmentBytes()));
            return index;
        } catch (LogSegment.UnsureException e) {
            throw unsure(e.getCause());
        } catch (IOException e) {
            throw Failures.of(
                    "The log in %s took no record".formatted(disk.place()), e, "Nothing of it was kept; try again.");
        }
    }

    /// Whether nothing can be added before the end is given up.
    public boolean endDamaged() {
        return newest().openEnd().isPresent();
    }

    private void checkEnd(LogSegment segment) {
        segment.openEnd().ifPresent(bad -> {
            throw new DamagedException(
                    "The end of the log in %s is damaged: from record %,d on, %s. Nothing is added behind it. To give up what was there, truncate the log from record %d."
                            .formatted(
                                    disk.place(),
                                    bad.first(),
                                    bad.damage(segment.name()).what(),
                                    bad.first()),
                    null);
        });
    }

    private StorageException unsure(IOException cause) {
        broken =
                "The disk of the log in %s failed (%s), and nobody knows what is on it. Nothing is written until the store was closed and opened again, which reads what is there."
                        .formatted(disk.place(), cause);
        LOG.log(Level.ERROR, "{0}", broken);
        return Failures.isFull(cause) ? new StorageFullException(broken, cause) : new StorageException(broken, cause);
    }

    private void checkUsable() {
        if (closed) {
            throw new StorageException("The log in " + disk.place() + " is closed. Open it again.", null);
        }
        if (!broken.isEmpty()) {
            throw new StorageException(broken, null);
        }
    }

    private int segmentBytes() {
        return fixedSegment > 0 ? fixedSegment : Math.clamp(quota / SEGMENTS, MIN_SEGMENT, MAX_SEGMENT);
    }

    private LogSegment roll() throws IOException {
        newest().mark();
        return begin(newest().next());
    }

    private LogSegment begin(long index) throws IOException {
        LogSegment fresh = LogSegment.create(disk, index, salts.getAsLong());
        var all = new ArrayList<>(segments);
        all.add(fresh);
        segments = List.copyOf(all);
        return fresh;
    }

    @Override
    public List<byte[]> read(long from, int bytes) {
        checkOpen();
        List<byte[]> records = new ArrayList<>();
        files.readLock().lock();
        try {
            if (from < first || from > next()) {
                throw new IndexOutOfBoundsException("The log in %s has records %,d to %,d, not %,d"
                        .formatted(disk.place(), first, next() - 1, from));
            }
            checkThere(from);
            read(from, bytes, records);
        } catch (IOException e) {
            checkOpen();
            throw new StorageException(
                    "Record %,d of the log in %s could not be read: %s".formatted(from, disk.place(), e), e);
        } finally {
            files.readLock().unlock();
        }
        return records;
    }

    private void checkThere(long from) {
        if (from < segments.getFirst().first() && from < next()) {
            throw new DamagedException(
                    "Records %,d to %,d of the log in %s are gone: no file has them. Later ones can be read; restore the file, or truncate the log before record %d."
                            .formatted(
                                    from,
                                    segments.getFirst().first() - 1,
                                    disk.place(),
                                    segments.getFirst().first()),
                    null);
        }
    }

    private void read(long from, int bytes, List<byte[]> into) throws IOException {
        List<LogSegment> all = segments;
        int left = bytes;
        long at = from;
        for (int i = 0; i < all.size() && (into.isEmpty() || left > 0); i++) {
            LogSegment segment = all.get(i);
            long end = i + 1 < all.size() ? all.get(i + 1).first() : segment.next();
            if (at < segment.first() || at >= end) {
                continue;
            }
            if (i + 1 < all.size()) {
                segment.look(end);
            }
            int taken = readFrom(segment, at, left, into, i + 1 < all.size() ? end : -1);
            if (taken < 0) {
                return;
            }
            left -= taken;
            at = from + into.size();
            if (at < end) {
                return;
            }
        }
    }

    private static int readFrom(LogSegment segment, long at, int bytes, List<byte[]> into, long end)
            throws IOException {
        try {
            return segment.read(at, bytes, into);
        } catch (DamagedException e) {
            if (end >= 0) {
                segment.forget();
                segment.look(end);
            }
            throw e;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StorageException("The log in " + disk.place() + " is closed. Open it again.", null);
        }
    }

    @Override
    public void truncateBefore(long index) {
        change(() -> {
            if (index <= first) {
                return;
            }
            LogOpening.writeFirst(disk, index);
            if (index > newest().next() || index == newest().next() && !newest().isEmpty()) {
                begin(index);
            }
            first = index;
            drop(index);
        });
    }

    private void drop(long index) throws IOException {
        var all = new ArrayList<>(segments);
        while (all.size() > 1 && all.get(1).first() <= index) {
            all.removeFirst().delete(disk);
            segments = List.copyOf(all);
        }
        disk.sync();
    }

    @Override
    public void truncateFrom(long index) {
        change(() -> {
            if (index < first || index > next()) {
                throw new IndexOutOfBoundsException(
                        "The log in %s has records %,d to %,d; it cannot be truncated from %,d"
                                .formatted(disk.place(), first, next() - 1, index));
            }
            if (index == next() && newest().openEnd().isEmpty()) {
                return;
            }
            checkThere(index);
            LogOpening.announceEnd(disk, index);
            segments = LogOpening.truncate(disk, segments, index);
        });
    }

    private interface Change {
        void run() throws IOException;
    }

    private void change(Change change) {
        commits.alone(() -> {
            checkUsable();
            files.writeLock().lock();
            try {
                change.run();
            } catch (IOException e) {
                throw unsure(e);
            } finally {
                files.writeLock().unlock();
            }
        });
    }

    @Override
    public List<Damage> damage() {
        List<Damage> damage = new ArrayList<>();
        List<LogSegment> all = segments;
        if (all.getFirst().first() > first) {
            damage.add(new Damage(first, all.getFirst().first() - 1, "no file in " + disk.place() + " has them"));
        }
        all.forEach(segment ->
                segment.damage().stream().filter(d -> d.last() >= first).forEach(damage::add));
        return damage;
    }

    @Override
    public List<Damage> scrub() {
        checkOpen();
        files.readLock().lock();
        try {
            List<LogSegment> all = segments;
            for (int i = 0; i + 1 < all.size(); i++) {
                all.get(i).forget();
                all.get(i).look(all.get(i + 1).first());
            }
            scrubNewest();
        } catch (IOException e) {
            throw new StorageException("The log in %s could not be read: %s".formatted(disk.place(), e), e);
        } finally {
            files.readLock().unlock();
        }
        return damage();
    }

    /// What was written while it was read may seem torn: nothing of it was acknowledged.
    private void scrubNewest() throws IOException {
        commits.alone(() -> {
            try {
                newest().lookAgain();
            } catch (IOException e) {
                throw new StorageException("The log in %s could not be read: %s".formatted(disk.place(), e), e);
            }
        });
    }

    @Override
    public long bytes() {
        return segments.stream().mapToLong(LogSegment::bytes).sum();
    }

    /// Without the zeros ahead.
    private long used() {
        return segments.stream().mapToLong(LogSegment::end).sum();
    }

    @Override
    public long quota() {
        return quota;
    }

    public void quota(long bytes) {
        quota = bytes;
    }

    /// Marks what was written as whole. What fails is logged: all that was acknowledged is on the disk anyway.
    @Override
    public void close() {
        commits.alone(() -> {
            if (closed) {
                return;
            }
            files.writeLock().lock();
            try {
                if (broken.isEmpty() && newest().openEnd().isEmpty()) {
                    newest().mark();
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the log in {0} was not marked as whole: {1}", disk.place(), e.getMessage());
            } finally {
                closed = true;
                closeFiles();
                files.writeLock().unlock();
            }
        });
    }

    private void closeFiles() {
        if (segments == null) {
            return;
        }
        for (LogSegment segment : segments) {
            try {
                segment.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "{0} in {1} did not close: {2}", segment.name(), disk.place(), e.getMessage());
            }
        }
    }
}
