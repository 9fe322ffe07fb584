package network.mycelium.storage.provider.log;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.Disk;

/// Finds what a log was, whatever a power cut left of it.
final class LogOpening {
    private static final Logger LOG = System.getLogger(LogOpening.class.getName());
    private static final Pattern FIRST = Pattern.compile("first-([0-9a-f]{16})");
    private static final Pattern END = Pattern.compile("end-([0-9a-f]{16})");

    private final Disk disk;
    private final LongSupplier salts;

    LogOpening(Disk disk, LongSupplier salts) {
        this.disk = disk;
        this.salts = salts;
    }

    /// Says for good which record is the first.
    static void writeFirst(Disk disk, long index) throws IOException {
        String name = "first-%016x".formatted(index);
        List<String> before = disk.names().stream()
                .filter(n -> FIRST.matcher(n).matches() && !n.equals(name))
                .toList();
        if (!disk.names().contains(name)) {
            disk.create(name).close();
        }
        disk.sync();
        for (String old : before) {
            disk.delete(old);
        }
    }

    /// Says for good that a log is being truncated: what is half done then is done when it is opened.
    static void announceEnd(Disk disk, long index) throws IOException {
        disk.create("end-%016x".formatted(index)).close();
        disk.sync();
    }

    /// Drops the records from an index on, as was announced.
    ///
    /// @return what is left
    static List<LogSegment> truncate(Disk disk, List<LogSegment> segments, long index) throws IOException {
        var left = new ArrayList<>(segments);
        while (left.size() > 1 && left.getLast().first() >= index) {
            left.removeLast().delete(disk);
        }
        left.getLast().truncateFrom(index);
        disk.sync();
        for (String name : disk.names()) {
            if (END.matcher(name).matches()) {
                disk.delete(name);
            }
        }
        disk.sync();
        return List.copyOf(left);
    }

    private static long index(List<String> names, Pattern pattern, long otherwise) {
        return names.stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .mapToLong(m -> Long.parseLong(m.group(1), 16))
                .max()
                .orElse(otherwise);
    }

    void openInto(SegmentedLog log) throws IOException {
        List<String> names = disk.names();
        long first = index(names, FIRST, 0);
        long end = index(names, END, -1);
        List<LogSegment> segments = segments(names);
        log.opened(segments, first);
        if (segments.isEmpty()) {
            if (first > 0) {
                throw new StorageException(
                        "The log in %s has lost its records: there is none of its files. Put them back from a backup, or remove the store."
                                .formatted(disk.place()),
                        null);
            }
            segments.add(LogSegment.create(disk, 1, salts.getAsLong()));
        }
        if (first == 0) {
            first = segments.getFirst().first();
            writeFirst(disk, first);
        }
        dropOld(segments, first);
        if (end >= 0) {
            segments = new ArrayList<>(
                    truncate(disk, segments, Math.max(end, segments.getFirst().first())));
        }
        log.opened(segments, first);
        newest(segments);
        if (segments.getLast().next() < first) {
            // Truncated beyond its end, just before the power went.
            segments.add(LogSegment.create(disk, first, salts.getAsLong()));
            dropOld(segments, first);
        }
        log.opened(segments, first);
    }

    /// By index. A segment that was being made when the power went has no records.
    private List<LogSegment> segments(List<String> names) throws IOException {
        List<LogSegment> segments = new ArrayList<>();
        for (String name : names.stream().filter(LogSegment::isName).sorted().toList()) {
            LogSegment segment = LogSegment.open(disk, name);
            if (!segments.isEmpty() && segments.getLast().first() == segment.first()) {
                LogSegment empty = segment.bytes() > segments.getLast().bytes() ? segments.removeLast() : segment;
                if (empty == segment) {
                    segment.delete(disk);
                    continue;
                }
                empty.delete(disk);
            }
            segments.add(segment);
        }
        return segments;
    }

    private void dropOld(List<LogSegment> segments, long first) throws IOException {
        boolean dropped = false;
        while (segments.size() > 1 && segments.get(1).first() <= first) {
            segments.removeFirst().delete(disk);
            dropped = true;
        }
        if (dropped) {
            disk.sync();
        }
    }

    private void newest(List<LogSegment> segments) throws IOException {
        LogSegment newest = segments.getLast();
        Optional<SegmentScan.Bad> cut = newest.openNewest();
        cut.ifPresent(bad -> LOG.log(
                Level.WARNING,
                "the log in {0} was being written when the node stopped: it goes on from record {1}; {2}",
                disk.place(),
                bad.first(),
                bad.damage(newest.name()).what()));
        newest.damage()
                .forEach(damage -> LOG.log(
                        Level.ERROR,
                        "the log in {0} is damaged: records {1} to {2}, {3}",
                        disk.place(),
                        damage.first(),
                        damage.last(),
                        damage.what()));
    }
}
