package network.mycelium.libp2p.provider.yamux;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.provider.channel.Wire;
import network.mycelium.libp2p.provider.limits.Scope;

/// A stream of a session. Credit is given back as bytes are read, not as they come in, so a slow reader stops the peer
/// and holds one window at most. The window doubles while it is emptied faster than four round trips.
public final class YamuxStream implements Wire {
    /// The first window of each side.
    static final int INITIAL_WINDOW = 256 * 1024;

    /// A frame and its header fill one Noise message.
    private static final int MAX_DATA = 65519 - Frame.HEADER;

    private final YamuxSession session;
    private final int id;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();

    // All of these are guarded by the lock.
    private final ReceiveBuffer received;
    private final ReceiveWindow window;
    private long sendCredit = INITIAL_WINDOW;
    private int firstFlags;
    /// Only the writing thread looks at it.
    private boolean unannounced;
    private boolean ended;
    private boolean finished;
    private boolean discarding;
    private IOException failure;
    private volatile long timeoutNanos;
    private volatile Object attachment;
    /// Who keeps its place among the streams allowed: the session while it is open, and the owner while it
    /// serves it.
    private final AtomicInteger holders;

    YamuxStream(YamuxSession session, int id, Scope scope, int firstFlags) {
        this.session = session;
        this.id = id;
        this.received = new ReceiveBuffer(scope);
        this.window = new ReceiveWindow(scope, INITIAL_WINDOW, session.config().maxWindow());
        this.firstFlags = firstFlags;
        this.unannounced = firstFlags == Frame.SYN;
        this.holders = new AtomicInteger(unannounced ? 1 : 2);
    }

    /// The owner has done with a stream that the peer opened. Until then it counts against the limits, also
    /// when the peer has reset it long ago. Call it once.
    public void served() {
        session.letGo(this);
    }

    /// @return whether nobody keeps its place any more
    boolean letGo() {
        return holders.decrementAndGet() == 0;
    }

    int id() {
        return id;
    }

    /// What the owner of the session keeps with this stream.
    public Object attachment() {
        return attachment;
    }

    public void attach(Object value) {
        attachment = value;
    }

    public void timeout(Duration limit) {
        timeoutNanos = limit.toNanos();
    }

    private long deadline() {
        long timeout = timeoutNanos;
        return timeout == 0 ? 0 : System.nanoTime() + timeout;
    }

    /// Once: who calls looks again at what it waits for.
    @SuppressWarnings("WaitNotInLoop")
    private void await(Condition condition, long deadline, String what) throws IOException {
        try {
            if (deadline == 0) {
                condition.await();
                return;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0 || !condition.await(left, TimeUnit.NANOSECONDS)) {
                throw new SocketTimeoutException("The peer did not %s in time".formatted(what));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        }
    }

    @Override
    public int read(byte[] out, int offset, int length) throws IOException {
        byte[] ring;
        int head;
        int n;
        lock.lock();
        try {
            for (long deadline = 0; received.size() == 0; ) {
                if (failure != null) {
                    throw failed();
                }
                if (ended || discarding) {
                    return -1;
                }
                deadline = deadline == 0 ? deadline() : deadline;
                await(readable, deadline, "send");
            }
            ring = received.ring();
            head = received.head();
            n = Math.min(length, received.size());
        } finally {
            lock.unlock();
        }
        int first = Math.min(n, ring.length - head);
        System.arraycopy(ring, head, out, offset, first);
        System.arraycopy(ring, 0, out, offset + first, n - first);
        int update = 0;
        lock.lock();
        try {
            // Meanwhile it may have been dropped, but for nothing else than this call is it ever emptied.
            if (received.size() > 0) {
                received.taken(n);
                if (ended && received.size() == 0) {
                    received.release();
                } else if (failure == null && !discarding && !ended) {
                    update = window.toGive(received.size(), session.roundTripNanos());
                }
            }
        } finally {
            lock.unlock();
        }
        if (update > 0) {
            session.update(id, update);
        }
        return n;
    }

    @Override
    public boolean readable() {
        lock.lock();
        try {
            return received.size() > 0 || ended || failure != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(byte[] in, int offset, int length) throws IOException {
        announce();
        int done = 0;
        long deadline = deadline();
        while (done < length) {
            int n;
            int flags;
            lock.lock();
            try {
                while (failure == null && !finished && sendCredit <= 0) {
                    await(writable, deadline, "read");
                }
                checkWritable();
                n = (int) Math.min(Math.min(length - done, sendCredit), MAX_DATA);
                sendCredit -= n;
                flags = takeFirstFlags();
            } finally {
                lock.unlock();
            }
            try {
                session.writer().data(flags, id, in, offset + done, n, deadline);
            } catch (SocketTimeoutException e) {
                notSent(n, flags);
                throw e;
            }
            done += n;
        }
    }

    private void notSent(int bytes, int flags) {
        lock.lock();
        try {
            sendCredit += bytes;
            firstFlags |= flags;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for its turn before the first frame of a stream that this side opens.
    private void announce() throws Libp2pException {
        if (unannounced) {
            session.beforeFirst(id);
            unannounced = false;
        }
    }

    private void checkWritable() throws IOException {
        if (failure != null) {
            throw failed();
        }
        if (finished) {
            throw new Libp2pException(Kind.CLOSED, "This half of the stream is closed");
        }
    }

    private int takeFirstFlags() {
        int flags = firstFlags;
        firstFlags = 0;
        return flags;
    }

    /// A copy, so that its stack trace is the caller's.
    private IOException failed() {
        Kind kind = failure instanceof Libp2pException known ? known.kind() : Kind.CLOSED;
        return new Libp2pException(kind, failure.getMessage(), failure);
    }

    public void closeWrite() throws IOException {
        announce();
        int flags;
        boolean over;
        lock.lock();
        try {
            if (failure != null || finished) {
                return;
            }
            finished = true;
            flags = takeFirstFlags() | Frame.FIN;
            over = ended;
            writable.signalAll();
        } finally {
            lock.unlock();
        }
        if (over) {
            session.remove(this);
        }
        session.writer().control(Frame.DATA, flags, id, 0);
    }

    @Override
    public void close() {
        try {
            closeWrite();
        } catch (IOException e) {
            // The connection is gone, and with it the stream.
            session.remove(this);
        }
        lock.lock();
        try {
            if (!discarding && failure == null) {
                discarding = true;
                received.release();
                readable.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    public void reset() {
        if (fail(new Libp2pException(Kind.RESET, "The stream was reset on this side"))) {
            session.reset(this);
        }
    }

    /// @return whether it was still in use
    boolean fail(IOException why) {
        lock.lock();
        try {
            boolean over = finished && ended;
            if (failure != null || over) {
                return false;
            }
            failure = why;
            if (!(ended && received.size() > 0)) {
                received.release();
            }
            readable.signalAll();
            writable.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    // What follows is called by the session's reader alone.

    /// Takes the data of a frame from the wire; what nobody will read is thrown away.
    void receive(Wire wire, int length) throws IOException {
        byte[] ring;
        int tail;
        lock.lock();
        try {
            window.take(length);
            if (failure != null || discarding || ended) {
                ring = null;
                tail = 0;
            } else {
                received.ensure(length);
                ring = received.ring();
                tail = received.tail();
            }
        } catch (Libp2pException e) {
            // Over a limit of this node: this stream gives way, the others go on.
            session.skip(length);
            if (fail(e)) {
                session.resetByReader(this);
            }
            return;
        } finally {
            lock.unlock();
        }
        if (ring == null) {
            session.skip(length);
            if (discarding) {
                session.resetByReader(this);
            }
            return;
        }
        for (int left = length; left > 0; ) {
            int n = wire.read(ring, tail, Math.min(left, ring.length - tail));
            if (n < 0) {
                throw new YamuxException("The connection ends inside a frame");
            }
            left -= n;
            tail = tail + n & ring.length - 1;
            lock.lock();
            try {
                if (failure == null && !discarding) {
                    received.filled(n);
                    readable.signal();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// The session has let go of it.
    void removed() {
        lock.lock();
        try {
            received.uncount();
        } finally {
            lock.unlock();
        }
    }

    void credit(long more) throws YamuxException {
        lock.lock();
        try {
            sendCredit += more;
            if (sendCredit > 0xffffffffL) {
                throw new YamuxException("The peer gave a credit of more than 32 bits");
            }
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void remoteClosed() {
        boolean over;
        lock.lock();
        try {
            ended = true;
            over = finished;
            if (received.size() == 0) {
                received.release();
            }
            readable.signalAll();
        } finally {
            lock.unlock();
        }
        if (over) {
            session.remove(this);
        }
    }
}
