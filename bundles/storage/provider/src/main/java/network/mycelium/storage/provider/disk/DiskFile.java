package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A file that is read and written at any place. Safe from any thread; an interrupt ends no call.
public interface DiskFile extends AutoCloseable {
    long size() throws IOException;

    /// Reads until the buffer or the file ends.
    ///
    /// @return how many bytes were read
    int read(ByteBuffer into, long at) throws IOException;

    /// Writes all of the buffer.
    void write(ByteBuffer from, long at) throws IOException;

    void truncate(long size) throws IOException;

    /// All that was written is on the disk when this returns. Where this throws, nobody knows what is.
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
