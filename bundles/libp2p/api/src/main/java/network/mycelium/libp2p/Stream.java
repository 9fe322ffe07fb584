package network.mycelium.libp2p;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/// An ordered, reliable stream of bytes in both directions, which speaks one protocol.
///
/// Threading: one thread may read while another writes; calls block, so a virtual thread suits them. A peer that
/// reads slowly blocks the writer on this side, and a reader that does not read holds at most one window of memory.
///
/// Every call may fail with [Libp2pException] of kind RESET or CLOSED, and with [java.net.SocketTimeoutException]
/// when it took longer than [#timeout(Duration)].
@ProviderType
public interface Stream extends AutoCloseable {
    /// The protocol that both sides agreed on.
    String protocol();

    Connection connection();

    /// Who is at the other end.
    default PeerId peer() {
        return connection().peer();
    }

    /// Waits for at least one byte.
    ///
    /// @return bytes read, or -1 after the other side closed its half and all was read
    int read(byte[] buffer, int offset, int length) throws IOException;

    /// Waits until the other side's window took all bytes. They are sent at once; there is nothing to flush.
    void write(byte[] buffer, int offset, int length) throws IOException;

    /// Tells the other side that no more comes; reading goes on.
    void closeWrite() throws IOException;

    /// Closes both directions; what was written still arrives, what comes in is thrown away.
    @Override
    void close();

    /// Gives up at once; the other side sees an error.
    void reset();

    /// How long any one read or write may wait from now on; zero means for ever, which is the default.
    void timeout(Duration limit);

    /// This stream's reading half. Closing it does nothing.
    default InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return Stream.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return length == 0 ? 0 : Stream.this.read(buffer, offset, length);
            }
        };
    }

    /// This stream's writing half. Closing it closes that half.
    default OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                Stream.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                Stream.this.write(buffer, offset, length);
            }

            @Override
            public void close() throws IOException {
                closeWrite();
            }
        };
    }
}
