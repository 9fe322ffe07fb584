package network.mycelium.storage.provider.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// What stands before each record in a segment, 24 bytes, big-endian: length of the record (4), `synced` (4),
/// index (8), CRC-32C of the record (4), CRC-32C of the segment's salt and of all that before (4). The record
/// follows, and zeros up to a multiple of eight.
///
/// A length of -1 is a mark: no record, but the word that all before it is on the disk; its index is that of the
/// next record. The salt keeps bytes in a record from being taken for a frame.
///
/// @param synced so many bytes of the file were on the disk before this was written: what is missing there was
///     damaged, not torn
record LogFrame(int length, int synced, long index, int crc) {
    static final int BYTES = 24;
    static final int ALIGN = 8;
    private static final int MARK = -1;
    private static final int CHECKED = BYTES - Integer.BYTES;

    static LogFrame of(byte[] record, long index, int synced) {
        return new LogFrame(record.length, synced, index, crc(ByteBuffer.wrap(record)));
    }

    static LogFrame mark(long next, int synced) {
        return new LogFrame(MARK, synced, next, 0);
    }

    boolean isMark() {
        return length == MARK;
    }

    /// Bytes of frame, record and zeros.
    int extent() {
        return isMark() ? BYTES : extent(length);
    }

    static int extent(int length) {
        return BYTES + (length + ALIGN - 1) / ALIGN * ALIGN;
    }

    void writeTo(ByteBuffer out, long salt) {
        int start = out.position();
        out.putInt(length).putInt(synced).putLong(index).putInt(crc);
        out.putInt(check(out, start, salt));
    }

    /// @param bytes at least as many as a frame has
    /// @return null if there is no frame at the beginning of these bytes
    static LogFrame read(ByteBuffer bytes, long salt) {
        if (bytes.remaining() < BYTES) {
            return null;
        }
        int start = bytes.position();
        var frame = new LogFrame(
                bytes.getInt(start), bytes.getInt(start + 4), bytes.getLong(start + 8), bytes.getInt(start + 16));
        return frame.length >= MARK && bytes.getInt(start + CHECKED) == check(bytes, start, salt) ? frame : null;
    }

    private static int check(ByteBuffer bytes, int start, long salt) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes.duplicate().limit(start + CHECKED).position(start));
        return (int) crc.getValue();
    }

    static int crc(ByteBuffer record) {
        var crc = new CRC32C();
        crc.update(record);
        return (int) crc.getValue();
    }
}
