package network.mycelium.simulation.host;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;

/// One end of a connection in memory.
final class MemoryConnection implements Connection {
    private final MemoryNetwork network;
    private final MemoryHost near;
    private final MemoryHost far;
    private final boolean outbound;
    private final Instant opened = Instant.now();
    private final long delayNanos;
    private final Set<MemoryStream> streams = ConcurrentHashMap.newKeySet();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final AtomicBoolean open;
    private final byte[] binding = new byte[32];
    private MemoryConnection other;

    private MemoryConnection(
            MemoryNetwork network, MemoryHost near, MemoryHost far, boolean outbound, AtomicBoolean open) {
        this.network = network;
        this.near = near;
        this.far = far;
        this.outbound = outbound;
        this.open = open;
        this.delayNanos = network.delay(near.id(), far.id()).toNanos();
    }

    /// Both ends, the first at the one who dials.
    static MemoryConnection pair(MemoryNetwork network, MemoryHost dialer, MemoryHost listener) {
        var open = new AtomicBoolean(true);
        var one = new MemoryConnection(network, dialer, listener, true, open);
        var two = new MemoryConnection(network, listener, dialer, false, open);
        one.other = two;
        two.other = one;
        network.fill(one.binding);
        return one;
    }

    MemoryConnection other() {
        return other;
    }

    boolean carries() {
        return network.reachable(near.id(), far.id());
    }

    /// When so many bytes that are sent now arrive.
    long arrival(int bytes) {
        return near.sent(bytes) + delayNanos + network.lost(bytes).toNanos();
    }

    void countIn(int bytes) {
        bytesIn.add(bytes);
    }

    void countOut(int bytes) {
        bytesOut.add(bytes);
    }

    void closed(MemoryStream stream) {
        streams.remove(stream);
    }

    @Override
    public Stream open(String... protocols) throws IOException {
        // The question and its answer.
        pause(2 * delayNanos);
        for (String protocol : protocols) {
            var handler = far.handler(protocol);
            if (handler != null) {
                if (!isOpen() || !carries()) {
                    break;
                }
                MemoryStream stream = MemoryStream.pair(this, other, protocol);
                streams.add(stream);
                other.streams.add(stream.other());
                far.answer(handler, stream.other());
                return stream;
            }
        }
        if (!isOpen() || !carries()) {
            throw new Libp2pException(Kind.CLOSED, "The connection is closed");
        }
        throw new Libp2pException(
                Kind.UNSUPPORTED, "%s offers none of %s".formatted(far.id(), String.join(", ", protocols)));
    }

    static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            end();
            other.end();
        }
    }

    private void end() {
        var why = new Libp2pException(Kind.CLOSED, "The connection is closed");
        streams.forEach(stream -> stream.fail(why));
        near.ended(this);
    }

    @Override
    public boolean isOpen() {
        return open.get();
    }

    @Override
    public PeerId peer() {
        return far.id();
    }

    @Override
    public Multiaddr local() {
        return near.address();
    }

    @Override
    public Multiaddr remote() {
        return far.address();
    }

    @Override
    public boolean outbound() {
        return outbound;
    }

    @Override
    public String security() {
        return "/memory";
    }

    @Override
    public String muxer() {
        return "/memory";
    }

    @Override
    public byte[] binding() {
        return outbound ? binding.clone() : other.binding();
    }

    @Override
    public Instant opened() {
        return opened;
    }

    @Override
    public long bytesIn() {
        return bytesIn.sum();
    }

    @Override
    public long bytesOut() {
        return bytesOut.sum();
    }

    @Override
    public List<Stream> streams() {
        return List.copyOf(streams);
    }
}
