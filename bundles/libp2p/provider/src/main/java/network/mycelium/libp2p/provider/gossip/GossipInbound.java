package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.wire.TimedInput;
import network.mycelium.libp2p.multiformats.Varint;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.limits.Scope.Resource;
import network.mycelium.libp2p.provider.swarm.SwarmStream;

/// What peers send: one stream of each is read, the one that came last (as go-libp2p-pubsub does), an RPC at a time.
/// An RPC must come within [#MESSAGE_LIMIT] of its first byte, and its memory is counted in the peer's scope while it
/// comes and until it is dealt with; one that finds no room is skipped, and so is all that a graylisted peer sends.
final class GossipInbound {
    static final Duration MESSAGE_LIMIT = Duration.ofSeconds(30);
    private static final int FIRST_PIECE = 64 << 10;
    /// The bytes, and what is read from them.
    private static final int COPIES = 2;

    /// Who deals with what comes.
    interface Receiver {
        /// Whether anything is to be read of a peer.
        boolean listensTo(PeerId peer);

        void receive(PeerId from, Rpc rpc);
    }

    private final int maxRpc;
    private final Duration limit;
    private final Receiver receiver;
    private final Map<PeerId, Stream> streams = new ConcurrentHashMap<>();
    private volatile boolean closed;

    GossipInbound(int maxRpc, Duration limit, Receiver receiver) {
        this.maxRpc = maxRpc;
        this.limit = limit;
        this.receiver = receiver;
    }

    /// Reads a stream until it ends.
    ///
    /// @throws IOException if it fails, or what came is no RPC
    void read(Stream stream) throws IOException {
        PeerId from = stream.peer();
        Stream before = streams.put(from, stream);
        if (before != null) {
            before.reset();
        }
        try {
            var in = new TimedInput(stream, Duration.ZERO, limit);
            while (!closed && next(in, from, stream)) {
                in.endMessage();
            }
        } finally {
            streams.remove(from, stream);
        }
    }

    /// @return whether there was one more
    private boolean next(InputStream in, PeerId from, Stream stream) throws IOException {
        long size = Varint.read(in);
        if (size < 0) {
            return false;
        }
        if (size > maxRpc) {
            throw new IOException(
                    "The peer announces an RPC of %d bytes, at most %d are taken".formatted(size, maxRpc));
        }
        if (!receiver.listensTo(from)) {
            in.skipNBytes(size);
            return true;
        }
        try (var memory = new Memory(stream)) {
            byte[] bytes = body(in, (int) size, memory);
            if (bytes != null) {
                receiver.receive(from, Rpc.parse(bytes));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("An RPC is not valid: " + e.getMessage(), e);
        }
        return true;
    }

    /// Only for bytes that came is there more room for those that are announced.
    ///
    /// @return null if there was no room, and it is skipped
    private static byte[] body(InputStream in, int size, Memory memory) throws IOException {
        byte[] bytes = {};
        for (int done = 0; done < size; done = bytes.length) {
            int larger = Math.min(size, Math.max(FIRST_PIECE, 2 * done));
            if (!memory.reserve((long) COPIES * (larger - done))) {
                in.skipNBytes(size - done);
                return null;
            }
            bytes = Arrays.copyOf(bytes, larger);
            if (in.readNBytes(bytes, done, larger - done) < larger - done) {
                throw new IOException("An RPC is cut off");
            }
        }
        return bytes;
    }

    void close() {
        closed = true;
        // They last as long as their connections: there is nothing to drain.
        streams.values().forEach(Stream::reset);
    }

    /// What is reserved of the peer's memory, until it is closed.
    private static final class Memory implements AutoCloseable {
        private final Scope scope;
        private long reserved;

        private Memory(Stream stream) {
            this.scope = stream instanceof SwarmStream counted ? counted.scope() : null;
        }

        private boolean reserve(long bytes) {
            if (scope != null && scope.tryReserve(Resource.MEMORY, bytes) != null) {
                return false;
            }
            reserved += bytes;
            return true;
        }

        @Override
        public void close() {
            if (scope != null) {
                scope.release(Resource.MEMORY, reserved);
            }
        }
    }
}
