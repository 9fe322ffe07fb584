package network.mycelium.libp2p.core.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import network.mycelium.libp2p.Stream;

/// A stream's bytes, where silence is allowed between messages and a message must come as a whole in time: a peer that
/// sends a byte now and then is no better than one that sends none.
///
/// Threading: one reader.
public final class TimedInput extends InputStream {
    private final Stream stream;
    private final Duration between;
    private final long withinNanos;
    private final byte[] one = new byte[1];
    private long begin;
    private boolean inside;

    /// @param between how long to wait for a message, and for each byte of one; zero for ever
    /// @param within how long it may take from its first byte on
    public TimedInput(Stream stream, Duration between, Duration within) {
        this.stream = stream;
        this.between = between;
        this.withinNanos = within.toNanos();
        stream.timeout(between);
    }

    /// What follows is another message.
    public void endMessage() {
        inside = false;
        stream.timeout(between);
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws SocketTimeoutException if it, or the message, takes too long
    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (inside) {
            long left = withinNanos - (System.nanoTime() - begin);
            if (left <= 0) {
                throw new SocketTimeoutException("The peer did not finish a message in time");
            }
            stream.timeout(Duration.ofNanos(between.isZero() ? left : Math.min(left, between.toNanos())));
        }
        int n = stream.read(buffer, offset, length);
        if (!inside) {
            inside = true;
            begin = System.nanoTime();
        }
        return n;
    }
}
