package network.mycelium.storage.provider.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.Log;
import network.mycelium.storage.provider.disk.Disk;
import network.mycelium.storage.provider.disk.DiskFile;
import network.mycelium.storage.provider.disk.Magic;

/// One file of a log. Its name has the index of its first record and its salt; its first 32 bytes say the same:
/// magic (8), index (8), salt (8), zero (4), CRC-32C of these (4).
final class LogSegment {
    static final int HEADER = 32;
    private static final Magic MAGIC = new Magic("MYCLOG01");

    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.log");

    /// How much of zeros is written ahead: bytes that are there already are synced several times as fast.
    static final int AHEAD = 512 << 10;

    private final String name;
    private final long first;
    private final long salt;
    private final DiskFile file;

    /// Null until it was looked through, and always there in the newest one.
    private SegmentScan scan;

    private Positions positions;
    private volatile int end;
    private volatile long next;
    private long allocated;
    private boolean marked;

    private LogSegment(String name, long first, long salt, DiskFile file) {
        this.name = name;
        this.first = first;
        this.salt = salt;
        this.file = file;
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /// @param name of a file that is there
    static LogSegment open(Disk disk, String name) throws IOException {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException(name);
        }
        var segment = new LogSegment(
                name, Long.parseLong(parts.group(1), 16), Long.parseUnsignedLong(parts.group(2), 16), disk.open(name));
        // One that is damaged is not needed: all that its header says is in the name.
        MAGIC.check(disk, name, segment.file);
        segment.allocated = segment.file.size();
        segment.end = (int) Math.min(Integer.MAX_VALUE, segment.allocated);
        return segment;
    }

    /// It is on the disk when this returns; when this throws, it is not.
    static LogSegment create(Disk disk, long first, long salt) throws IOException {
        String name = "%016x-%016x.log".formatted(first, salt);
        var segment = new LogSegment(name, first, salt, disk.create(name));
        try {
            segment.file.write(segment.header(), 0);
            segment.file.sync();
            disk.sync();
        } catch (IOException e) {
            segment.discard(disk, e);
            throw e;
        }
        segment.allocated = HEADER;
        segment.end = HEADER;
        segment.next = first;
        segment.positions = new Positions(first);
        segment.scan = SegmentScan.of(segment.file, salt, first);
        return segment;
    }

    private void discard(Disk disk, IOException cause) {
        try {
            file.close();
            disk.delete(name);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .put(MAGIC.bytes())
                .putLong(first)
                .putLong(salt)
                .putInt(0);
        var crc = new CRC32C();
        crc.update(header.array(), 0, header.position());
        return header.putInt((int) crc.getValue()).flip();
    }

    String name() {
        return name;
    }

    long first() {
        return first;
    }

    int end() {
        return end;
    }

    /// What it takes on the disk.
    long bytes() {
        return Math.max(allocated, end);
    }

    long next() {
        return next;
    }

    boolean isEmpty() {
        return end <= HEADER;
    }

    boolean marked() {
        return marked;
    }

    /// Makes it the one that is written to.
    ///
    /// @return what was being written when the power went, and is cut now
    Optional<SegmentScan.Bad> openNewest() throws IOException {
        scan = SegmentScan.of(file, salt, first);
        Optional<SegmentScan.Bad> cut = scan.cut();
        take();
        marked = scan.marked();
        boolean openEnd = scan.bad().stream().anyMatch(SegmentScan.Bad::open);
        if (!openEnd) {
            repair();
        }
        return cut;
    }

    /// Cuts what is no record, and writes a header that was not written as a whole.
    private void repair() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        file.read(header, 0);
        boolean whole = header.flip().equals(header());
        if (allocated != end || !whole) {
            file.truncate(end);
            file.write(header(), 0);
            file.sync();
            allocated = end;
        }
    }

    private void take() {
        positions = scan.positions();
        end = scan.end();
        next = scan.next();
    }

    /// Looks through one that another follows.
    synchronized void look(long nextSegment) throws IOException {
        if (scan == null) {
            SegmentScan looked = SegmentScan.of(file, salt, first);
            looked.expect(nextSegment);
            scan = looked;
            take();
        }
    }

    /// Looks through the newest one, while nobody writes.
    synchronized void lookAgain() throws IOException {
        SegmentScan looked = SegmentScan.of(file, salt, first);
        if (looked.next() < next) {
            looked.expect(next);
        }
        scan = looked;
        positions = looked.positions();
    }

    /// Forgets what is known of it, so that it is read again.
    synchronized void forget() {
        scan = null;
    }

    synchronized List<Log.Damage> damage() {
        return scan == null
                ? List.of()
                : scan.bad().stream().map(b -> b.damage(name)).toList();
    }

    synchronized Optional<SegmentScan.Bad> openEnd() {
        return scan.bad().stream().filter(SegmentScan.Bad::open).findFirst();
    }

    /// Reads records, up to one that is damaged.
    ///
    /// @return how many bytes they have
    int read(long from, int bytes, List<byte[]> into) throws IOException {
        int taken = 0;
        long until = next;
        int at = offset(from);
        for (long index = from; index < until && (taken == 0 || taken < bytes); ) {
            LogFrame frame = frame(at);
            if (frame == null || frame.index() != index) {
                return refused(index, from, into, taken);
            }
            at += LogFrame.BYTES;
            if (frame.isMark()) {
                continue;
            }
            ByteBuffer record = ByteBuffer.allocate(frame.length());
            if (file.read(record, at) < frame.length() || LogFrame.crc(record.flip()) != frame.crc()) {
                return refused(index, from, into, taken);
            }
            into.add(record.array());
            taken += frame.length();
            at += frame.extent() - LogFrame.BYTES;
            index++;
        }
        return taken;
    }

    /// What is damaged is told only to who asks for it itself.
    private int refused(long index, long from, List<byte[]> before, int taken) {
        if (index == from && before.isEmpty()) {
            throw new DamagedException(
                    "Record %,d is damaged, in %s. Records before and behind it can be read by their index; have it again from where it came, or drop it with all behind it."
                            .formatted(index, name),
                    null);
        }
        return taken == 0 ? -1 : taken;
    }

    private LogFrame frame(int at) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LogFrame.BYTES);
        file.read(bytes, at);
        return LogFrame.read(bytes.flip(), salt);
    }

    /// Where a record is, or the damage that it fell to.
    int offset(long index) throws IOException {
        Map.Entry<Long, Integer> known = positions.before(index);
        int at = known.getValue();
        long here = known.getKey();
        while (here < index) {
            LogFrame frame = frame(at);
            if (frame == null || frame.index() != here) {
                return at;
            }
            here += frame.isMark() ? 0 : 1;
            at += frame.extent();
        }
        return at;
    }

    /// Adds records and syncs them. When this throws, none was added.
    ///
    /// @param ahead bytes of zeros to write behind them when the file must grow
    /// @throws UnsureException if nobody knows what is on the disk
    void append(List<byte[]> records, ByteBuffer buffer, int ahead) throws IOException, UnsureException {
        var added = new ArrayList<Integer>(records.size());
        int at = end;
        buffer.clear();
        int written = at;
        try {
            long number = next;
            for (byte[] record : records) {
                if (buffer.remaining() < LogFrame.BYTES) {
                    written += flush(buffer, written);
                }
                LogFrame frame = LogFrame.of(record, number++, end);
                frame.writeTo(buffer, salt);
                written += put(record, frame.extent() - LogFrame.BYTES, buffer, written);
                added.add(at);
                at += frame.extent();
            }
            flush(buffer, written);
            if (at >= allocated) {
                allocated = at;
                allocate(buffer, at, ahead);
            }
        } catch (IOException e) {
            takeBack(e);
            throw e;
        }
        sync();
        long index = next;
        for (int offset : added) {
            positions.add(index++, offset);
        }
        next = index;
        end = at;
        marked = false;
    }

    private void sync() throws UnsureException {
        try {
            file.sync();
        } catch (IOException e) {
            throw new UnsureException(e);
        }
    }

    /// @return how many bytes went to the file
    private int put(byte[] record, int padded, ByteBuffer buffer, int at) throws IOException {
        int written = 0;
        int from = 0;
        while (from < padded) {
            if (!buffer.hasRemaining()) {
                written += flush(buffer, at + written);
            }
            int n = Math.min(buffer.remaining(), padded - from);
            int ofRecord = Math.max(0, Math.min(n, record.length - from));
            buffer.put(record, Math.min(from, record.length), ofRecord);
            for (int i = ofRecord; i < n; i++) {
                buffer.put((byte) 0);
            }
            from += n;
        }
        return written;
    }

    private int flush(ByteBuffer buffer, int at) throws IOException {
        int length = buffer.flip().remaining();
        file.write(buffer, at);
        buffer.clear();
        return length;
    }

    /// Zeros for what comes next. Where there is no room for them, there is none.
    private void allocate(ByteBuffer buffer, int from, int ahead) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        try {
            for (int done = 0; done < ahead; done += buffer.capacity()) {
                file.write(buffer.rewind().limit(Math.min(buffer.capacity(), ahead - done)), from + done);
                allocated = (long) from + done + buffer.limit();
            }
        } catch (IOException e) {
            System.getLogger(LogSegment.class.getName())
                    .log(System.Logger.Level.DEBUG, "no zeros ahead in {0}: {1}", name, e.getMessage());
        }
    }

    /// What was half written would count if it were whole after all.
    private void takeBack(IOException cause) throws UnsureException {
        try {
            file.truncate(end);
            file.sync();
            allocated = end;
        } catch (IOException e) {
            cause.addSuppressed(e);
            throw new UnsureException(cause);
        }
    }

    /// Nobody knows what is on the disk.
    static final class UnsureException extends Exception {
        private static final long serialVersionUID = 1;

        UnsureException(IOException cause) {
            super(cause);
        }

        @Override
        public synchronized IOException getCause() {
            return (IOException) super.getCause();
        }
    }

    /// Says in the file that all of it is on the disk, and cuts the zeros ahead.
    void mark() throws IOException {
        if (!marked) {
            int at = end;
            ByteBuffer mark = ByteBuffer.allocate(LogFrame.BYTES);
            LogFrame.mark(next, at).writeTo(mark, salt);
            file.write(mark.flip(), at);
            file.truncate((long) at + LogFrame.BYTES);
            file.sync();
            end = at + LogFrame.BYTES;
            allocated = end;
            marked = true;
        }
    }

    /// Drops the record at an index and all behind it, and makes this the newest one. The mark keeps what is
    /// damaged before it from being taken for torn, now that nothing behind it tells otherwise.
    void truncateFrom(long index) throws IOException {
        scan = SegmentScan.of(file, salt, first);
        take();
        int at = offset(index);
        file.truncate(at);
        file.sync();
        end = at;
        allocated = at;
        next = index;
        marked = at == HEADER;
        mark();
        openNewest();
    }

    void delete(Disk disk) throws IOException {
        file.close();
        disk.delete(name);
    }

    void close() throws IOException {
        file.close();
    }
}
