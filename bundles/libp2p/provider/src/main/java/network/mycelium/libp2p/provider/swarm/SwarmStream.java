package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.yamux.YamuxStream;

/// A yamux stream that speaks a protocol. Where the peer is known to offer it, the proposal goes out with the first
/// bytes written, and the answer is read with the first bytes read.
public final class SwarmStream implements Stream {
    /// Of the first bytes, how many at most go in one frame with the proposal.
    private static final int TOGETHER = 4096;

    private final SwarmConnection connection;
    private final YamuxStream yamux;
    private final String protocol;
    /// The proposal, until it is written: whoever writes before that waits. Guarded by this.
    private volatile byte[] proposal;
    /// Only the reading thread looks at it.
    private boolean unconfirmed;

    SwarmStream(SwarmConnection connection, YamuxStream yamux, String protocol, boolean lazy) {
        this.connection = connection;
        this.yamux = yamux;
        this.protocol = protocol;
        this.proposal = lazy ? Multistream.proposal(protocol) : null;
        this.unconfirmed = lazy;
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
        if (unconfirmed) {
            propose(null, 0, 0);
            try {
                Multistream.confirm(yamux, protocol);
            } catch (IOException e) {
                yamux.reset();
                throw e;
            }
            unconfirmed = false;
        }
        return yamux.read(buffer, offset, length);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        if (proposal == null || !propose(buffer, offset, length)) {
            yamux.write(buffer, offset, length);
        }
        connection.wrote(length);
    }

    /// Where the memory is counted that the peer makes this node hold.
    public Scope scope() {
        return connection.scope();
    }

    /// Sends the proposal, in one frame with the first bytes if they are few.
    ///
    /// @return whether these bytes are sent too
    private synchronized boolean propose(byte[] buffer, int offset, int length) throws IOException {
        if (proposal == null) {
            return false;
        }
        boolean together = buffer != null && length <= TOGETHER;
        byte[] first = proposal;
        if (together) {
            first = Arrays.copyOf(first, first.length + length);
            System.arraycopy(buffer, offset, first, first.length - length, length);
        }
        yamux.write(first, 0, first.length);
        proposal = null;
        return together;
    }

    @Override
    public void closeWrite() throws IOException {
        propose(null, 0, 0);
        yamux.closeWrite();
    }

    @Override
    public void close() {
        try {
            propose(null, 0, 0);
        } catch (IOException e) {
            // The connection is gone, and with it the stream.
            yamux.reset();
        }
        yamux.close();
    }

    @Override
    public void reset() {
        yamux.reset();
    }

    @Override
    public void timeout(Duration limit) {
        yamux.timeout(limit);
    }
}
