package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import network.mycelium.storage.provider.disk.Disk;
import network.mycelium.storage.provider.disk.DiskFile;
import network.mycelium.storage.provider.disk.Magic;

/// One file of blocks. Its name has its number and its salt; its first 512 bytes are magic (8), salt (8), number
/// (4), how many segments it replaces (4) and their salts (8 each), zeros, and in the last four CRC-32C of all
/// that before.
///
/// What was compacted replaces its sources in one step: as soon as this file has its name, they count no more.
final class BlockSegment {
    static final int HEADER = 512;
    static final int MAX_REPLACED = 60;
    private static final Magic MAGIC = new Magic("MYCBLK01");

    private static final Pattern NAME = Pattern.compile("([0-9a-f]{8})-([0-9a-f]{16})\\.blocks");

    private final String name;
    private final int number;
    private final long salt;
    private final DiskFile file;
    private Set<Long> replaced = Set.of();
    private volatile int end = HEADER;
    private volatile int synced = HEADER;
    /// Bytes of frames that count.
    private final AtomicLong live = new AtomicLong();

    private BlockSegment(String name, int number, long salt, DiskFile file) {
        this.name = name;
        this.number = number;
        this.salt = salt;
        this.file = file;
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static String name(int number, long salt) {
        return "%08x-%016x.blocks".formatted(number, salt);
    }

    static BlockSegment open(Disk disk, String name) throws IOException {
        Matcher parts = NAME.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException(name);
        }
        var segment = new BlockSegment(
                name,
                Integer.parseInt(parts.group(1), 16),
                Long.parseUnsignedLong(parts.group(2), 16),
                disk.open(name));
        MAGIC.check(disk, name, segment.file);
        segment.readHeader();
        segment.end = Math.clamp(segment.file.size(), HEADER, Integer.MAX_VALUE);
        segment.synced = segment.end;
        return segment;
    }

    /// @param as the name of the file, which another one may take later
    static BlockSegment create(Disk disk, String as, int number, long salt, List<Long> replaces) throws IOException {
        var segment = new BlockSegment(as, number, salt, disk.create(as));
        segment.replaced = Set.copyOf(replaces);
        segment.file.write(segment.header(replaces), 0);
        segment.file.sync();
        return segment;
    }

    private ByteBuffer header(List<Long> replaces) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.put(MAGIC.bytes()).putLong(salt).putInt(number).putInt(replaces.size());
        replaces.forEach(header::putLong);
        header.position(HEADER - Integer.BYTES).putInt(crc(header));
        return header.flip();
    }

    private static int crc(ByteBuffer header) {
        var crc = new CRC32C();
        crc.update(header.duplicate().limit(HEADER - Integer.BYTES).position(0));
        return (int) crc.getValue();
    }

    /// One that is damaged is hardly needed: number and salt are in the name.
    private void readHeader() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        file.read(header, 0);
        int count = header.getInt(20);
        if (header.getInt(HEADER - Integer.BYTES) == crc(header) && count >= 0 && count <= MAX_REPLACED) {
            var salts = new HashSet<Long>();
            for (int i = 0; i < count; i++) {
                salts.add(header.getLong(24 + i * Long.BYTES));
            }
            replaced = salts;
        }
    }

    String name() {
        return name;
    }

    int number() {
        return number;
    }

    long salt() {
        return salt;
    }

    Set<Long> replaced() {
        return replaced;
    }

    int end() {
        return end;
    }

    int synced() {
        return synced;
    }

    AtomicLong live() {
        return live;
    }

    long garbage() {
        return end - (long) HEADER - live.get();
    }

    DiskFile file() {
        return file;
    }

    /// Adds a block; one thread at a time.
    ///
    /// @param buffer at least as large as a frame without block
    /// @return its place
    Location append(BlockFrame frame, byte[] block, ByteBuffer buffer) throws IOException {
        int at = end;
        buffer.clear();
        frame.writeTo(buffer, salt);
        int written = 0;
        int from = 0;
        int rest = frame.extent() - frame.head();
        while (from < rest) {
            if (!buffer.hasRemaining()) {
                written += flush(buffer, at + written);
            }
            int n = Math.min(buffer.remaining(), rest - from);
            int ofBlock = Math.max(0, Math.min(n, block.length - from));
            buffer.put(block, Math.min(from, block.length), ofBlock);
            for (int i = ofBlock; i < n; i++) {
                buffer.put((byte) 0);
            }
            from += n;
        }
        flush(buffer, at + written);
        end = at + frame.extent();
        return new Location(number, at, block.length);
    }

    private int flush(ByteBuffer buffer, int at) throws IOException {
        int length = buffer.flip().remaining();
        file.write(buffer, at);
        buffer.clear();
        return length;
    }

    /// Cuts what is behind the last block.
    void cut(int at) throws IOException {
        end = at;
        if (file.size() > at) {
            file.truncate(at);
        }
    }

    void sync() throws IOException {
        int until = end;
        if (synced < until) {
            file.sync();
            synced = until;
        }
    }

    /// @return null if the block is not there as it was written
    byte[] read(byte[] key, Location at) throws IOException {
        int head = BlockFrame.FIXED + key.length;
        ByteBuffer bytes = ByteBuffer.allocate(head + at.length());
        if (file.read(bytes, at.offset()) < bytes.capacity()) {
            return null;
        }
        BlockFrame frame = BlockFrame.read(bytes.flip(), salt);
        boolean whole = frame != null
                && frame.length() == at.length()
                && Arrays.equals(frame.key(), key)
                && BlockFrame.crc(bytes.duplicate().position(head)) == frame.crc();
        return whole ? Arrays.copyOfRange(bytes.array(), head, bytes.capacity()) : null;
    }

    void delete(Disk disk) throws IOException {
        file.close();
        disk.delete(name);
    }

    void close() throws IOException {
        file.close();
    }
}
