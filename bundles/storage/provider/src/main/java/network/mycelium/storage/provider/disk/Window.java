package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A file read from front to back through one buffer. One thread at a time.
public final class Window {
    private static final int BYTES = 128 << 10;

    private final DiskFile file;
    private final long size;
    private ByteBuffer buffer = ByteBuffer.allocate(BYTES).limit(0);
    /// Where in the file the buffer begins.
    private long start;

    public Window(DiskFile file, long size) {
        this.file = file;
        this.size = size;
    }

    public long size() {
        return size;
    }

    /// The bytes at a place of the file, fewer only where it ends. They hold until the next call.
    public ByteBuffer at(long offset, int length) throws IOException {
        int wanted = (int) Math.max(0, Math.min(length, size - offset));
        if (offset < start || offset + wanted > start + buffer.limit()) {
            if (buffer.capacity() < wanted) {
                buffer = ByteBuffer.allocate(wanted);
            }
            buffer.clear().limit((int) Math.min(buffer.capacity(), Math.max(0, size - offset)));
            file.read(buffer, offset);
            buffer.flip();
            start = offset;
        }
        int from = (int) (offset - start);
        return buffer.slice(from, Math.min(wanted, Math.max(0, buffer.limit() - from)));
    }
}
