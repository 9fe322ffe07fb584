package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;

/// What goes out to one peer: a bounded queue, which the peer's own virtual thread alone writes to the stream, so that
/// nobody else ever waits for a peer.
///
/// A peer that reads too slowly loses what does not fit into three quarters of the queue, or into what all queues may
/// hold together; gossip tells it later of what it missed. Subscriptions, grafts and prunes may fill the rest, for
/// without them both sides would disagree for good; where even they do not fit, the stream is given up, and both begin
/// anew with another one.
final class GossipPeer {
    private static final Logger LOG = System.getLogger(GossipPeer.class.getName());
    static final int MAX_QUEUED_BYTES = 4 << 20;
    static final int MAX_QUEUED = 4096;
    /// What has gathered goes out together, in pieces of so many bytes.
    private static final int MAX_BATCH = 64 << 10;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final PeerId id;
    private final Stream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final ArrayDeque<Outgoing> queue = new ArrayDeque<>();
    private int queuedBytes;
    private long dropped;
    private boolean closed;

    GossipPeer(PeerId id, Stream stream) {
        this.id = id;
        this.stream = stream;
        stream.timeout(PATIENCE);
    }

    PeerId id() {
        return id;
    }

    /// How many RPCs it lost.
    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    /// Never waits for the peer.
    void enqueue(Outgoing rpc) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (hasRoom(rpc) && rpc.hold()) {
                queue.add(rpc);
                queuedBytes += rpc.size();
                added.signal();
                return;
            }
            if (dropped++ == 0) {
                LOG.log(Level.INFO, "{0} reads too slowly and loses gossip messages", id);
            }
        } finally {
            lock.unlock();
        }
        if (rpc.isVital()) {
            close();
            // It may have to wait for the connection, which its own thread may do.
            Thread.startVirtualThread(stream::reset);
        }
    }

    private boolean hasRoom(Outgoing rpc) {
        int quarters = rpc.isVital() ? 4 : 3;
        return queue.size() < MAX_QUEUED / 4 * quarters && queuedBytes + rpc.size() <= MAX_QUEUED_BYTES / 4 * quarters;
    }

    /// Writes until the stream ends.
    void run() {
        try (stream) {
            for (List<Outgoing> next; !(next = take()).isEmpty(); ) {
                try {
                    byte[] bytes = joined(next);
                    stream.write(bytes, 0, bytes.length);
                } finally {
                    next.forEach(Outgoing::release);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "gossip to " + id + " ended", e);
            // Where a message broke off in the middle, nothing more can be read.
            stream.reset();
        } finally {
            close();
        }
    }

    /// @return empty when it is closed
    private List<Outgoing> take() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                added.awaitUninterruptibly();
            }
            List<Outgoing> next = new ArrayList<>(queue.size() == 1 ? 1 : 16);
            int bytes = 0;
            while (!queue.isEmpty() && (next.isEmpty() || bytes + queue.peek().size() <= MAX_BATCH)) {
                Outgoing rpc = queue.remove();
                bytes += rpc.size();
                next.add(rpc);
            }
            queuedBytes -= bytes;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private static byte[] joined(List<Outgoing> rpcs) {
        if (rpcs.size() == 1) {
            return rpcs.getFirst().bytes();
        }
        byte[] all = new byte[rpcs.stream().mapToInt(Outgoing::size).sum()];
        int at = 0;
        for (Outgoing rpc : rpcs) {
            System.arraycopy(rpc.bytes(), 0, all, at, rpc.size());
            at += rpc.size();
        }
        return all;
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            queue.forEach(Outgoing::release);
            queue.clear();
            queuedBytes = 0;
            added.signal();
        } finally {
            lock.unlock();
        }
    }
}
