package network.mycelium.storage.provider.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.storage.Log;
import network.mycelium.storage.provider.disk.DiskFile;
import network.mycelium.storage.provider.disk.Torn;
import network.mycelium.storage.provider.disk.Window;

/// Reads a segment from front to back, and tells where records are and where they are not.
final class SegmentScan {
    /// Bytes that are no intact records.
    ///
    /// @param last index of the last record that lay there; before `first` if none did
    /// @param torn whether it looks as if it was never written as a whole
    /// @param open whether nothing intact follows, so that nobody knows what lay there
    record Bad(long first, long last, int from, int to, boolean torn, boolean open) {
        Log.Damage damage(String file) {
            String where = to > from ? "bytes %,d to %,d of %s".formatted(from, to - 1, file) : "missing in " + file;
            String end = open ? "; nothing intact follows" : "";
            return new Log.Damage(first, Math.max(first, last), where + end);
        }
    }

    private final Window window;
    private final long salt;
    private final Positions positions;
    private final List<Bad> bad = new ArrayList<>();
    private long next;
    private int end = LogSegment.HEADER;
    private int synced = LogSegment.HEADER;
    private boolean marked;

    private SegmentScan(DiskFile file, long salt, long first) throws IOException {
        this.window = new Window(file, file.size());
        this.salt = salt;
        this.next = first;
        this.positions = new Positions(first);
    }

    static SegmentScan of(DiskFile file, long salt, long first) throws IOException {
        var scan = new SegmentScan(file, salt, first);
        scan.run();
        return scan;
    }

    List<Bad> bad() {
        return bad;
    }

    Positions positions() {
        return positions;
    }

    long next() {
        return next;
    }

    /// Where the next frame belongs.
    int end() {
        return end;
    }

    /// Whether the last frame is a mark.
    boolean marked() {
        return marked;
    }

    private void run() throws IOException {
        int at = LogSegment.HEADER;
        while (true) {
            LogFrame frame = LogFrame.read(window.at(at, LogFrame.BYTES), salt);
            if (frame == null || frame.index() < next) {
                int found = skip(at);
                if (found < 0) {
                    break;
                }
                at = found;
                continue;
            }
            if (frame.index() > next) {
                bad.add(new Bad(next, frame.index() - 1, at, at, false, false));
                next = frame.index();
                positions.resume(next, at);
            }
            synced = Math.max(synced, frame.isMark() ? at : frame.synced());
            marked = frame.isMark();
            if (!marked) {
                record(frame, at);
            }
            at += frame.extent();
            end = at;
        }
    }

    private void record(LogFrame frame, int at) throws IOException {
        ByteBuffer record = window.at(at + LogFrame.BYTES, frame.length());
        if (record.remaining() < frame.length() || LogFrame.crc(record) != frame.crc()) {
            boolean torn = Torn.looks(window, at + LogFrame.BYTES, frame.length());
            bad.add(new Bad(next, next, at, at + frame.extent(), torn, false));
        }
        positions.add(next, at);
        next++;
    }

    /// @return where the next frame is, or -1
    private int skip(int at) throws IOException {
        int found = at;
        int lastByte = -1;
        LogFrame frame = null;
        while (frame == null && found + LogFrame.ALIGN <= window.size()) {
            ByteBuffer bytes = window.at(found, LogFrame.BYTES);
            if (bytes.getLong(0) != 0 || bytes.remaining() < LogFrame.BYTES || bytes.getLong(8) != 0) {
                lastByte = bytes.getLong(0) != 0 ? found : lastByte;
                frame = plausible(bytes) ? LogFrame.read(bytes, salt) : null;
            }
            found += frame == null ? LogFrame.ALIGN : 0;
        }
        if (frame == null) {
            // What is shorter than eight bytes at the end.
            ByteBuffer rest = window.at(found, LogFrame.ALIGN);
            while (rest.hasRemaining()) {
                lastByte = rest.get() != 0 ? found : lastByte;
            }
            end = at;
            if (lastByte >= 0) {
                int to = (int) Math.min(window.size(), lastByte + LogFrame.ALIGN);
                bad.add(new Bad(next, next, at, to, Torn.looks(window, at, LogFrame.BYTES), true));
            }
            return -1;
        }
        boolean torn = Torn.looks(window, at, LogFrame.BYTES);
        bad.add(new Bad(next, frame.index() - 1, at, found, torn, false));
        next = frame.index();
        positions.resume(next, found);
        return found;
    }

    private boolean plausible(ByteBuffer bytes) {
        return bytes.remaining() == LogFrame.BYTES
                && bytes.getInt(0) <= Log.MAX_APPEND
                && bytes.getLong(8) >= next
                && bytes.getLong(8) - next <= window.size() / LogFrame.BYTES;
    }

    /// Cuts what was being written when the power went. Only the newest segment can have that: what was written
    /// after something tells that it was on the disk.
    Optional<Bad> cut() {
        Optional<Bad> first =
                bad.stream().filter(b -> b.torn() && b.from() >= synced).findFirst();
        first.ifPresent(b -> {
            bad.removeIf(other -> other.from() >= b.from());
            positions.cut(b.from());
            next = b.first();
            end = b.from();
            marked = false;
        });
        bad.removeIf(b -> b.last() < b.first());
        return first;
    }

    /// For a segment that others follow.
    void expect(long nextSegment) {
        if (next < nextSegment) {
            bad.removeIf(Bad::open);
            bad.add(new Bad(next, nextSegment - 1, end, (int) Math.max(end, window.size()), false, false));
            next = nextSegment;
        }
        bad.removeIf(b -> b.last() < b.first());
    }
}
