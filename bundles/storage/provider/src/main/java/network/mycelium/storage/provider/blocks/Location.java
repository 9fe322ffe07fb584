package network.mycelium.storage.provider.blocks;

import java.nio.ByteBuffer;

/// Where a block is.
///
/// @param segment number of the file
/// @param offset of the frame
/// @param length of the block
record Location(int segment, int offset, int length) {
    byte[] bytes() {
        return ByteBuffer.allocate(12)
                .putInt(segment)
                .putInt(offset)
                .putInt(length)
                .array();
    }

    /// @return null for null
    static Location of(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        var in = ByteBuffer.wrap(bytes);
        return new Location(in.getInt(), in.getInt(), in.getInt());
    }
}
