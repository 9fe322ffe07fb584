package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.provider.swarm.SwarmStream;

/// What goes out to one peer: a bounded queue, written to the stream by whoever added to it or, where that would take
/// waiting, by a virtual thread. A peer that reads too slowly loses what does not fit; gossip tells it later of what it
/// missed.
final class GossipPeer {
    private static final Logger LOG = System.getLogger(GossipPeer.class.getName());
    private static final int MAX_QUEUED_BYTES = 4 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final PeerId id;
    private final Stream stream;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private int queuedBytes;
    private long dropped;
    private boolean writing;
    private boolean closed;

    GossipPeer(PeerId id, Stream stream) {
        this.id = id;
        this.stream = stream;
        stream.timeout(PATIENCE);
    }

    PeerId id() {
        return id;
    }

    /// Adds to the queue; [#writeNow()] must follow.
    ///
    /// @param bytes an encoded RPC, which may be shared with other peers
    void enqueue(byte[] bytes) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
                if (dropped++ == 0) {
                    LOG.log(Level.INFO, "{0} reads too slowly and loses gossip messages", id);
                }
                return;
            }
            queue.add(bytes);
            queuedBytes += bytes.length;
        } finally {
            lock.unlock();
        }
    }

    static byte[] encode(Rpc rpc) {
        return Delimited.frame(rpc.bytes());
    }

    /// Writes what waits on the caller's thread, if that takes no waiting for the peer; else the peer's own thread
    /// does.
    void writeNow() {
        byte[] next;
        lock.lock();
        try {
            if (writing || closed || queue.isEmpty()) {
                return;
            }
            if (!(stream instanceof SwarmStream swarmStream && swarmStream.canWrite(queuedBytes))) {
                added.signal();
                return;
            }
            next = takeAll();
            writing = true;
        } finally {
            lock.unlock();
        }
        try {
            stream.write(next, 0, next.length);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "gossip to " + id + " ended", e);
            close();
        } finally {
            written();
        }
    }

    /// Writes until the stream ends; what has gathered goes out together.
    void run() {
        try (stream) {
            while (true) {
                byte[] next = take();
                if (next == null) {
                    return;
                }
                try {
                    stream.write(next, 0, next.length);
                } finally {
                    written();
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "gossip to " + id + " ended", e);
        } finally {
            close();
        }
    }

    private byte[] take() {
        lock.lock();
        try {
            while ((queue.isEmpty() || writing) && !closed) {
                added.awaitUninterruptibly();
            }
            if (closed) {
                return null;
            }
            writing = true;
            return takeAll();
        } finally {
            lock.unlock();
        }
    }

    private byte[] takeAll() {
        if (queue.size() == 1) {
            queuedBytes = 0;
            return queue.poll();
        }
        byte[] all = new byte[queuedBytes];
        int at = 0;
        for (byte[] bytes; (bytes = queue.poll()) != null; ) {
            System.arraycopy(bytes, 0, all, at, bytes.length);
            at += bytes.length;
        }
        queuedBytes = 0;
        return all;
    }

    private void written() {
        lock.lock();
        try {
            writing = false;
            if (!queue.isEmpty()) {
                added.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            added.signal();
        } finally {
            lock.unlock();
        }
    }
}
