package network.mycelium.libp2p.provider.yamux;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.provider.channel.Wire;
import network.mycelium.libp2p.provider.limits.Scope;

/// Many streams over one wire, by hashicorp/yamux spec.md. [#run] reads until the wire ends; it never waits for a
/// stream or for the peer to read, so one stream never holds up another.
public final class YamuxSession implements Closeable {
    public static final String PROTOCOL = "/yamux/1.0.0";

    private static final int MAX_UNACKNOWLEDGED = 256;
    /// What nobody will read is read into it, by all sessions at once, for nobody looks at it.
    private static final byte[] SCRATCH = new byte[4096];
    /// Frames after which the reader lets other threads go first: who always has something to say must not
    /// keep a core.
    private static final int MAX_IN_TURN = 64;
    private static final Duration FAREWELL = Duration.ofMillis(250);

    private static final int GO_AWAY_NORMAL = 0;
    private static final int GO_AWAY_PROTOCOL_ERROR = 1;

    /// What the owner does.
    public interface Owner {
        /// The peer opened a stream. Called by the reader: it must not block. The owner says
        /// [YamuxStream#served] when it has done with it.
        void streamOpened(YamuxStream stream);

        /// A stream is over.
        void streamClosed(YamuxStream stream);
    }

    private final Wire wire;
    private final boolean client;
    private final YamuxConfig config;
    private final Scope scope;
    private final Owner owner;
    private final FrameWriter writer;
    private final ConcurrentHashMap<Integer, YamuxStream> streams = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Boolean> unacknowledged = new ConcurrentHashMap<>();
    private final Semaphore openings = new Semaphore(MAX_UNACKNOWLEDGED);
    private final AtomicInteger nextId;
    private final AtomicInteger held = new AtomicInteger();
    private final LongAdder bytesIn = new LongAdder();
    private volatile int pingValue = -1;
    private volatile long pingSent;
    private volatile long roundTripNanos;
    private volatile boolean goneAway;
    private volatile IOException end;

    /// @param client whether this side dialled: its streams have odd numbers
    /// @param scope where streams and memory are counted
    public YamuxSession(Wire wire, boolean client, YamuxConfig config, Scope scope, Owner owner) {
        this.wire = wire;
        this.client = client;
        this.config = config;
        this.scope = scope;
        this.owner = owner;
        this.writer = new FrameWriter(wire, config.maxControl());
        this.nextId = new AtomicInteger(client ? 1 : 2);
    }

    YamuxConfig config() {
        return config;
    }

    FrameWriter writer() {
        return writer;
    }

    /// The last measured round trip; 0 if there is none yet.
    public long roundTripNanos() {
        return roundTripNanos;
    }

    public long bytesIn() {
        return bytesIn.sum();
    }

    public Collection<YamuxStream> streams() {
        return List.copyOf(streams.values());
    }

    public boolean isOpen() {
        return end == null && !goneAway;
    }

    /// Opens a stream; the peer learns of it with the first bytes written.
    ///
    /// @throws Libp2pException LIMIT or CLOSED
    public YamuxStream open() throws IOException {
        if (!isOpen()) {
            throw new Libp2pException(Kind.CLOSED, "The connection is closed or closing");
        }
        reserveStream();
        int id = nextId.getAndAdd(2);
        if (id < 0) {
            giveBackStream();
            throw new Libp2pException(Kind.LIMIT, "All stream numbers of a connection are used up");
        }
        var stream = new YamuxStream(this, id, scope, Frame.SYN);
        streams.put(id, stream);
        if (end != null) {
            remove(stream);
            throw new Libp2pException(Kind.CLOSED, "The connection is closed");
        }
        return stream;
    }

    /// Called before a stream's first frame: others refuse streams when too many wait for their acknowledgement.
    void beforeFirst(int id) throws Libp2pException {
        try {
            if (!openings.tryAcquire(10, TimeUnit.SECONDS)) {
                throw new Libp2pException(
                        Kind.LIMIT, "The peer has not acknowledged %d streams".formatted(MAX_UNACKNOWLEDGED));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        }
        unacknowledged.put(id, true);
        if (!streams.containsKey(id)) {
            acknowledged(id);
        }
    }

    private void reserveStream() throws Libp2pException {
        if (held.incrementAndGet() > config.maxStreams()) {
            held.decrementAndGet();
            throw new Libp2pException(
                    Kind.LIMIT, "The limit of %d streams of a connection is reached".formatted(config.maxStreams()));
        }
        try {
            scope.reserve(Scope.Resource.STREAMS, 1);
        } catch (Libp2pException e) {
            held.decrementAndGet();
            throw e;
        }
    }

    private void giveBackStream() {
        held.decrementAndGet();
        scope.release(Scope.Resource.STREAMS, 1);
    }

    void letGo(YamuxStream stream) {
        if (stream.letGo()) {
            giveBackStream();
        }
    }

    /// Asks for an answer, which measures the round trip.
    ///
    /// @param patienceNanos how old an unanswered ping may be before the peer is taken for dead
    public void heartbeat(long patienceNanos) {
        if (pingValue >= 0) {
            if (System.nanoTime() - pingSent > patienceNanos) {
                end(new Libp2pException(Kind.CLOSED, "The peer does not answer any more"));
            }
            return;
        }
        // By chance, so that who does not read cannot answer.
        int value = ThreadLocalRandom.current().nextInt() & Integer.MAX_VALUE;
        pingSent = System.nanoTime();
        pingValue = value;
        try {
            writer.answer(Frame.PING, Frame.SYN, 0, value);
        } catch (IOException e) {
            end(e);
        }
    }

    /// Reads frames until the wire ends, then closes everything. Call it once, on a thread for it alone.
    ///
    /// @return why it ended
    public IOException run() {
        IOException why = new Libp2pException(Kind.CLOSED, "The peer closed the connection");
        try {
            byte[] header = new byte[Frame.HEADER];
            int frames = 0;
            for (int n; (n = wire.read(header, 0, Frame.HEADER)) >= 0; ) {
                wire.readFully(header, n, Frame.HEADER - n);
                dispatch(header);
                if (++frames % MAX_IN_TURN == 0) {
                    Thread.yield();
                }
            }
        } catch (YamuxException e) {
            why = e;
            goAway(GO_AWAY_PROTOCOL_ERROR);
        } catch (IOException e) {
            why = e;
        } catch (RuntimeException | Error e) {
            // Whatever it is: what this session holds is given back.
            end(new IOException("The reader of a connection failed: " + e, e));
            throw e;
        }
        end(why);
        return why;
    }

    private void dispatch(byte[] header) throws IOException {
        int type = Frame.type(header);
        int flags = Frame.flags(header);
        int id = Frame.stream(header);
        int length = Frame.length(header);
        switch (type) {
            case Frame.PING -> ping(flags, length);
            case Frame.GO_AWAY -> {
                goneAway = true;
                if (length != GO_AWAY_NORMAL) {
                    throw new Libp2pException(Kind.CLOSED, "The peer ended the connection with code " + length);
                }
            }
            default -> stream(type, flags, id, length);
        }
    }

    private void ping(int flags, int value) throws IOException {
        if ((flags & Frame.SYN) != 0) {
            writer.answer(Frame.PING, Frame.ACK, 0, value);
        } else if (value == pingValue) {
            roundTripNanos = System.nanoTime() - pingSent;
            pingValue = -1;
        }
    }

    private void stream(int type, int flags, int id, int length) throws IOException {
        YamuxStream stream = streams.get(id);
        if ((flags & Frame.SYN) != 0) {
            if (stream != null) {
                throw new YamuxException("The peer opened stream " + id + " twice");
            }
            stream = accept(id);
        }
        if ((flags & Frame.ACK) != 0) {
            acknowledged(id);
        }
        if (type == Frame.DATA && length != 0) {
            if (length < 0) {
                throw new YamuxException("A frame announces more than 2 GiB");
            }
            bytesIn.add(length);
            if (stream == null) {
                // Of a stream that ended on this side: on its way when it did.
                if (length > YamuxStream.INITIAL_WINDOW && length > config.maxWindow()) {
                    throw new YamuxException("A frame of %d bytes for no stream".formatted(length));
                }
                skip(length);
            } else {
                stream.receive(wire, length);
            }
        } else if (type == Frame.WINDOW_UPDATE && stream != null) {
            stream.credit(length & 0xffffffffL);
        }
        if (stream != null && (flags & Frame.RST) != 0) {
            stream.fail(new Libp2pException(Kind.RESET, "The peer reset the stream"));
            remove(stream);
        } else if (stream != null && (flags & Frame.FIN) != 0) {
            stream.remoteClosed();
        }
    }

    private YamuxStream accept(int id) throws IOException {
        if (id <= 0 || id % 2 == (client ? 1 : 0)) {
            throw new YamuxException("The peer opened a stream with the number " + id);
        }
        try {
            if (goneAway || end != null) {
                throw new Libp2pException(Kind.CLOSED, "closing");
            }
            reserveStream();
        } catch (Libp2pException e) {
            writer.answer(Frame.WINDOW_UPDATE, Frame.RST, id, 0);
            return null;
        }
        var stream = new YamuxStream(this, id, scope, Frame.ACK);
        streams.put(id, stream);
        if (end != null) {
            remove(stream);
            letGo(stream);
            throw end;
        }
        boolean taken = false;
        try {
            owner.streamOpened(stream);
            taken = true;
        } finally {
            if (!taken) {
                letGo(stream);
            }
        }
        return stream;
    }

    private void acknowledged(int id) {
        if (unacknowledged.remove(id) != null) {
            openings.release();
        }
    }

    void update(int id, int credit) throws IOException {
        writer.control(Frame.WINDOW_UPDATE, 0, id, credit);
    }

    void reset(YamuxStream stream) {
        remove(stream);
        try {
            writer.control(Frame.WINDOW_UPDATE, Frame.RST, stream.id(), 0);
        } catch (IOException e) {
            end(e);
        }
    }

    void resetByReader(YamuxStream stream) throws IOException {
        remove(stream);
        writer.answer(Frame.WINDOW_UPDATE, Frame.RST, stream.id(), 0);
    }

    void remove(YamuxStream stream) {
        if (streams.remove(stream.id(), stream)) {
            acknowledged(stream.id());
            letGo(stream);
            stream.removed();
            owner.streamClosed(stream);
        }
    }

    /// Throws away bytes of the wire.
    void skip(int length) throws IOException {
        for (int left = length; left > 0; ) {
            int n = wire.read(SCRATCH, 0, Math.min(left, SCRATCH.length));
            if (n < 0) {
                throw new YamuxException("The connection ends inside a frame");
            }
            left -= n;
        }
    }

    private void goAway(int code) {
        try {
            writer.answer(Frame.GO_AWAY, 0, 0, code);
        } catch (IOException e) {
            // It is told to a peer that is gone already.
            end(e);
        }
    }

    /// Tells the peer and ends the session. A peer that does not read holds this up for [#FAREWELL] at most.
    @Override
    public void close() {
        if (end == null) {
            try {
                writer.answer(Frame.GO_AWAY, 0, 0, GO_AWAY_NORMAL);
                writer.awaitIdle(FAREWELL.toNanos());
            } catch (IOException e) {
                // The peer is gone already.
                end(e);
            }
        }
        end(new Libp2pException(Kind.CLOSED, "The connection was closed on this side"));
    }

    private void end(IOException why) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = why;
        }
        writer.fail(why);
        try {
            wire.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        for (YamuxStream stream : streams.values()) {
            stream.fail(why);
            remove(stream);
        }
    }
}
