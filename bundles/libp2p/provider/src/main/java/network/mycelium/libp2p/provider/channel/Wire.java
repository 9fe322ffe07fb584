package network.mycelium.libp2p.provider.channel;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;

/// Bytes in both directions, blocking. One thread reads while another writes.
public interface Wire extends Closeable {
    /// Waits for at least one byte.
    ///
    /// @return bytes read, or -1 at the end
    int read(byte[] buffer, int offset, int length) throws IOException;

    /// Whether a read would not wait, as far as can be told.
    boolean readable() throws IOException;

    void write(byte[] buffer, int offset, int length) throws IOException;

    /// Fills the range.
    ///
    /// @throws EOFException if the end comes first
    default void readFully(byte[] buffer, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int n = read(buffer, offset + done, length - done);
            if (n < 0) {
                throw new EOFException("The other side closed");
            }
            done += n;
        }
    }
}
