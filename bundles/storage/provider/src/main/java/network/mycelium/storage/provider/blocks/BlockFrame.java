package network.mycelium.storage.provider.blocks;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import network.mycelium.storage.Blocks;

/// What stands before each block in a segment, big-endian: length of the block (4), length of its multihash (2),
/// zero (2), CRC-32C of the block (4), CRC-32C of the segment's salt, of all that before and of the multihash (4),
/// the multihash. The block follows, and zeros up to a multiple of eight.
record BlockFrame(int length, int crc, byte[] key) {
    static final int FIXED = 16;
    static final int ALIGN = 8;
    private static final int CHECKED = 12;

    static BlockFrame of(byte[] key, byte[] block) {
        return new BlockFrame(block.length, crc(ByteBuffer.wrap(block)), key);
    }

    static int extent(int keyLength, int length) {
        return (FIXED + keyLength + length + ALIGN - 1) / ALIGN * ALIGN;
    }

    int extent() {
        return extent(key.length, length);
    }

    /// Where the block begins, seen from the frame.
    int head() {
        return FIXED + key.length;
    }

    void writeTo(ByteBuffer out, long salt) {
        int start = out.position();
        out.putInt(length).putShort((short) key.length).putShort((short) 0).putInt(crc);
        out.putInt(check(out, start, key, salt)).put(key);
    }

    /// @param bytes frame and multihash, or more
    /// @return null if there is no frame at the beginning of these bytes
    static BlockFrame read(ByteBuffer bytes, long salt) {
        int start = bytes.position();
        if (bytes.remaining() < FIXED) {
            return null;
        }
        int length = bytes.getInt(start);
        int keyLength = bytes.getInt(start + 4) >>> 16;
        boolean plausible = length >= 0
                && length <= Blocks.MAX_BLOCK
                && keyLength >= 2
                && keyLength <= Blocks.MAX_KEY
                && bytes.getShort(start + 6) == 0
                && bytes.remaining() >= FIXED + keyLength;
        if (!plausible) {
            return null;
        }
        byte[] key = new byte[keyLength];
        bytes.get(start + FIXED, key);
        return bytes.getInt(start + CHECKED) == check(bytes, start, key, salt)
                ? new BlockFrame(length, bytes.getInt(start + 8), key)
                : null;
    }

    private static int check(ByteBuffer bytes, int start, byte[] key, long salt) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes.duplicate().limit(start + CHECKED).position(start));
        crc.update(key);
        return (int) crc.getValue();
    }

    static int crc(ByteBuffer block) {
        var crc = new CRC32C();
        crc.update(block);
        return (int) crc.getValue();
    }
}
