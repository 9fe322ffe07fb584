package network.mycelium.simulation.host;

import java.io.IOException;
import java.time.Duration;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Stream;

/// One end of a stream in memory.
final class MemoryStream implements Stream {
    private final MemoryConnection connection;
    private final String protocol;
    private final MemoryPipe in;
    private final MemoryPipe out;
    private MemoryStream other;
    private volatile long timeoutNanos;
    private volatile boolean readingOver;
    private volatile boolean writingOver;

    private MemoryStream(MemoryConnection connection, String protocol, MemoryPipe in, MemoryPipe out) {
        this.connection = connection;
        this.protocol = protocol;
        this.in = in;
        this.out = out;
    }

    /// Both ends, the first at the one who opens it.
    static MemoryStream pair(MemoryConnection opener, MemoryConnection answerer, String protocol) {
        var there = new MemoryPipe(opener::carries);
        var back = new MemoryPipe(opener::carries);
        var near = new MemoryStream(opener, protocol, back, there);
        var far = new MemoryStream(answerer, protocol, there, back);
        near.other = far;
        far.other = near;
        return near;
    }

    MemoryStream other() {
        return other;
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public Connection connection() {
        return connection;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length, timeoutNanos);
        if (n > 0) {
            connection.countIn(n);
        }
        return n;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        out.write(buffer, offset, length, connection.arrival(length), timeoutNanos);
        connection.countOut(length);
    }

    @Override
    public void closeWrite() {
        out.end();
        writingOver = true;
        finished();
    }

    @Override
    public void close() {
        out.end();
        in.discard();
        readingOver = true;
        writingOver = true;
        finished();
    }

    private void finished() {
        if (writingOver && readingOver) {
            connection.closed(this);
        }
    }

    @Override
    public void reset() {
        fail(new Libp2pException(Kind.RESET, "The stream was reset"));
    }

    void fail(IOException why) {
        in.fail(why);
        out.fail(why);
        connection.closed(this);
        other.connection.closed(other);
    }

    @Override
    public void timeout(Duration limit) {
        timeoutNanos = limit.toNanos();
    }
}
