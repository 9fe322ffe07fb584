package network.mycelium.libp2p.provider.yamux;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.provider.channel.BufferPool;
import network.mycelium.libp2p.provider.channel.Wire;

/// Gathers frames of many threads into few writes: whoever finds nobody writing becomes the writer and writes until
/// nothing waits; the others only append. Data waits for room; answers of the reader never wait, but are bounded.
final class FrameWriter {
    private static final int MAX_PENDING = 128 * 1024 - Frame.HEADER;
    private static final int SMALL = 1024;
    /// After so many writes on others' behalf a thread hands the rest to a virtual thread and returns.
    private static final int MAX_ROUNDS = 16;
    private static final byte[] NONE = {};

    private final Wire wire;
    private final int maxControl;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition idle = lock.newCondition();
    private byte[] pending = NONE;
    private int length;
    private int waiting;
    private boolean writing;
    private IOException failure;

    FrameWriter(Wire wire, int maxControl) {
        this.wire = wire;
        this.maxControl = maxControl;
    }

    /// Appends one data frame and sees that it is sent; waits while too much is pending.
    ///
    /// @param deadline until when, in nanoseconds of the machine's clock; 0 for ever
    /// @throws SocketTimeoutException if it is not appended until then
    void data(int flags, int stream, byte[] from, int offset, int size, long deadline) throws IOException {
        lock.lock();
        try {
            while (failure == null && length > 0 && length + Frame.HEADER + size > MAX_PENDING) {
                waiting++;
                try {
                    awaitRoom(deadline);
                } finally {
                    waiting--;
                }
            }
            append(Frame.DATA, flags, stream, size, from, offset, size);
            if (writing) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        write();
    }

    /// Once: who calls looks again.
    @SuppressWarnings("WaitNotInLoop")
    private void awaitRoom(long deadline) throws IOException {
        if (deadline == 0) {
            room.awaitUninterruptibly();
            return;
        }
        try {
            if (room.awaitNanos(deadline - System.nanoTime()) <= 0) {
                throw new SocketTimeoutException("The peer did not read in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        }
    }

    /// Appends a frame without data; it is sent with what follows, or by [#flush()].
    void later(int type, int flags, int stream, int value) throws IOException {
        lock.lock();
        try {
            append(type, flags, stream, value, NONE, 0, 0);
        } finally {
            lock.unlock();
        }
    }

    /// Sends a frame without data from a thread that may wait for the socket.
    void control(int type, int flags, int stream, int value) throws IOException {
        later(type, flags, stream, value);
        flush();
    }

    /// Sends a frame without data from the reader, which must never wait.
    ///
    /// @throws YamuxException if the peer makes this side answer and does not read the answers
    void answer(int type, int flags, int stream, int value) throws IOException {
        lock.lock();
        try {
            if (length > MAX_PENDING + maxControl) {
                throw new YamuxException("The peer asks and does not read the answers");
            }
            append(type, flags, stream, value, NONE, 0, 0);
            if (writing) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        Thread.startVirtualThread(this::writeRest);
    }

    /// Waits until all is written or nothing more will be, at most so long.
    void awaitIdle(long nanos) {
        lock.lock();
        try {
            for (long left = nanos; (writing || length > 0) && failure == null && left > 0; ) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    void flush() throws IOException {
        lock.lock();
        try {
            if (writing || length == 0) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        write();
    }

    private void append(int type, int flags, int stream, int value, byte[] from, int offset, int size)
            throws IOException {
        if (failure != null) {
            throw new IOException("The connection is closed", failure);
        }
        int needed = length + Frame.HEADER + size;
        if (pending.length < needed) {
            grow(needed);
        }
        Frame.write(pending, length, type, flags, stream, value);
        System.arraycopy(from, offset, pending, length + Frame.HEADER, size);
        length = needed;
    }

    private void grow(int needed) {
        byte[] larger = needed <= SMALL
                ? new byte[Math.max(needed, 2 * pending.length)]
                : needed <= BufferPool.SIZE ? BufferPool.borrow() : new byte[needed + maxControl];
        System.arraycopy(pending, 0, larger, 0, length);
        recycle(pending);
        pending = larger;
    }

    private static void recycle(byte[] buffer) {
        if (buffer.length == BufferPool.SIZE) {
            BufferPool.giveBack(buffer);
        }
    }

    private void writeRest() {
        try {
            write();
        } catch (IOException e) {
            // The writer has failed for everybody, and the session learns of it by its own next call.
            System.getLogger(FrameWriter.class.getName()).log(System.Logger.Level.TRACE, "not written", e);
        }
    }

    private void write() throws IOException {
        for (int round = 0; ; round++) {
            byte[] out;
            int size;
            lock.lock();
            try {
                if (length == 0 || failure != null) {
                    writing = false;
                    idle.signalAll();
                    return;
                }
                if (round == MAX_ROUNDS) {
                    Thread.startVirtualThread(this::writeRest);
                    return;
                }
                out = pending;
                size = length;
                pending = NONE;
                length = 0;
                if (waiting > 0) {
                    room.signalAll();
                }
            } finally {
                lock.unlock();
            }
            try {
                wire.write(out, 0, size);
            } catch (IOException e) {
                fail(e);
                throw e;
            }
            recycle(out);
        }
    }

    /// From now on nothing is written, and everybody who waits learns why.
    void fail(IOException why) {
        lock.lock();
        try {
            if (failure == null) {
                failure = why;
            }
            pending = NONE;
            length = 0;
            room.signalAll();
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
