package network.mycelium.simulation.host;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;

/// One direction of a stream: bytes that are on their way, and no more of them than a window.
final class MemoryPipe {
    private static final int WINDOW = 256 * 1024;
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(5);

    private record Chunk(byte[] bytes, long arrivesAt) {}

    private final BooleanSupplier open;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Chunk> chunks = new ArrayDeque<>();
    private int first;
    private int underWay;
    private long lastArrival;
    private boolean ended;
    private boolean discarding;
    private IOException failure;

    /// @param open whether the link carries anything now
    MemoryPipe(BooleanSupplier open) {
        this.open = open;
    }

    /// Waits for room.
    ///
    /// @param arrivesAt when it would arrive, were nothing before it
    void write(byte[] from, int offset, int length, long arrivesAt, long timeoutNanos) throws IOException {
        long deadline = System.nanoTime() + timeoutNanos;
        lock.lock();
        try {
            for (int done = 0; done < length; ) {
                check();
                int n = Math.min(length - done, WINDOW - underWay);
                if (n == 0) {
                    await(deadline, timeoutNanos, Long.MAX_VALUE);
                    continue;
                }
                lastArrival = Math.max(arrivesAt, lastArrival);
                chunks.add(new Chunk(Arrays.copyOfRange(from, offset + done, offset + done + n), lastArrival));
                underWay += n;
                done += n;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (ended) {
            throw new Libp2pException(Kind.CLOSED, "This half of the stream is closed");
        }
        if (discarding) {
            throw new Libp2pException(Kind.RESET, "The peer closed the stream");
        }
    }

    int read(byte[] into, int offset, int length, long timeoutNanos) throws IOException {
        long deadline = System.nanoTime() + timeoutNanos;
        lock.lock();
        try {
            while (true) {
                Chunk next = chunks.peek();
                long wait = next == null ? Long.MAX_VALUE : next.arrivesAt - System.nanoTime();
                if (failure != null) {
                    throw failure;
                }
                if (discarding || next == null && ended) {
                    return -1;
                }
                if (wait <= 0 && open.getAsBoolean()) {
                    return take(next, into, offset, length);
                }
                await(deadline, timeoutNanos, wait <= 0 ? LOOK_AGAIN : wait);
            }
        } finally {
            lock.unlock();
        }
    }

    private int take(Chunk chunk, byte[] into, int offset, int length) {
        int n = Math.min(length, chunk.bytes.length - first);
        System.arraycopy(chunk.bytes, first, into, offset, n);
        first += n;
        underWay -= n;
        if (first == chunk.bytes.length) {
            chunks.remove();
            first = 0;
        }
        changed.signalAll();
        return n;
    }

    /// Once: who calls looks again at what it waits for.
    @SuppressWarnings("WaitNotInLoop")
    private void await(long deadline, long timeoutNanos, long atMost) throws IOException {
        long left = timeoutNanos == 0 ? atMost : Math.min(atMost, deadline - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("The peer took too long");
        }
        try {
            changed.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        }
    }

    /// What is on its way still arrives.
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The reader wants no more.
    void discard() {
        lock.lock();
        try {
            discarding = true;
            chunks.clear();
            underWay = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void fail(IOException why) {
        lock.lock();
        try {
            if (failure == null) {
                failure = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
