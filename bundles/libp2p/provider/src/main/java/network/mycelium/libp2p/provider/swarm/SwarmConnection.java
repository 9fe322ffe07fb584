package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.channel.SecureWire;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.yamux.YamuxSession;
import network.mycelium.libp2p.provider.yamux.YamuxStream;

/// A connection whose peer is known and whose muxer runs.
final class SwarmConnection implements Connection, YamuxSession.Owner {
    private static final Logger LOG = System.getLogger(SwarmConnection.class.getName());

    private final Swarm swarm;
    private final PeerId peer;
    private final Multiaddr local;
    private final Multiaddr remote;
    private final boolean outbound;
    private final String security;
    private final byte[] binding;
    private final Scope scope;
    private final Instant opened = Instant.now();
    /// Done when this connection may be used; failed when it may not.
    private final CompletableFuture<Void> admitted = new CompletableFuture<>();
    private final YamuxSession session;
    private final LongAdder bytesOut = new LongAdder();
    private final Origin origin;
    private final Runnable release;
    private final AtomicBoolean released = new AtomicBoolean();

    SwarmConnection(
            Swarm swarm,
            SecureWire wire,
            PeerId peer,
            Multiaddr local,
            Multiaddr remote,
            boolean outbound,
            Origin origin,
            Scope scope,
            Runnable release) {
        this.swarm = swarm;
        this.release = release;
        this.origin = origin;
        this.peer = peer;
        this.local = local;
        this.remote = remote;
        this.outbound = outbound;
        this.security = wire.protocol();
        this.binding = wire.binding();
        this.scope = scope;
        this.session = new YamuxSession(wire, outbound, swarm.settings().yamux(), scope, this);
    }

    YamuxSession session() {
        return session;
    }

    CompletableFuture<Void> admitted() {
        return admitted;
    }

    Scope scope() {
        return scope;
    }

    /// Where the peer is.
    Origin origin() {
        return origin;
    }

    /// Whether one side has said that it opens no more streams, and there are none left.
    boolean isFinished() {
        return !session.isOpen() && session.streams().isEmpty();
    }

    /// Gives back its place among the connections allowed; once, however often it is called.
    void release() {
        if (released.compareAndSet(false, true)) {
            release.run();
        }
    }

    /// Nobody will use it, and nobody reads it.
    void discard() {
        session.close();
        release();
    }

    void wrote(long bytes) {
        bytesOut.add(bytes);
    }

    @Override
    public PeerId peer() {
        return peer;
    }

    @Override
    public Multiaddr local() {
        return local;
    }

    @Override
    public Multiaddr remote() {
        return remote;
    }

    @Override
    public boolean outbound() {
        return outbound;
    }

    @Override
    public String security() {
        return security;
    }

    @Override
    public String muxer() {
        return YamuxSession.PROTOCOL;
    }

    @Override
    public byte[] binding() {
        return binding.clone();
    }

    @Override
    public Instant opened() {
        return opened;
    }

    @Override
    public long bytesIn() {
        return session.bytesIn();
    }

    @Override
    public long bytesOut() {
        return bytesOut.sum();
    }

    @Override
    public List<Stream> streams() {
        return session.streams().stream()
                .map(YamuxStream::attachment)
                .filter(Objects::nonNull)
                .map(Stream.class::cast)
                .toList();
    }

    @Override
    public Stream open(String... protocols) throws IOException {
        if (protocols.length == 0) {
            throw new IllegalArgumentException("A stream needs a protocol");
        }
        YamuxStream yamux = session.open();
        boolean lazy = protocols.length == 1 && swarm.book().offers(peer, protocols[0]);
        if (lazy) {
            return attach(new SwarmStream(this, yamux, protocols[0], true), yamux);
        }
        yamux.timeout(swarm.settings().handshake());
        try {
            String agreed = Multistream.select(yamux, List.of(protocols));
            yamux.timeout(Duration.ZERO);
            return attach(new SwarmStream(this, yamux, agreed, false), yamux);
        } catch (IOException e) {
            yamux.reset();
            throw e;
        }
    }

    private static SwarmStream attach(SwarmStream stream, YamuxStream yamux) {
        yamux.attach(stream);
        return stream;
    }

    @Override
    public boolean isOpen() {
        return session.isOpen();
    }

    @Override
    public void close() {
        session.close();
    }

    @Override
    public void streamOpened(YamuxStream yamux) {
        Thread.startVirtualThread(() -> serve(yamux));
    }

    @Override
    public void streamClosed(YamuxStream yamux) {}

    private void serve(YamuxStream yamux) {
        try {
            yamux.timeout(swarm.settings().handshake());
            var found = new ProtocolTable.Offer[1];
            var protocol = Multistream.answer(yamux, name -> (found[0] = swarm.protocols(name)) != null);
            if (protocol.isEmpty()) {
                yamux.close();
                return;
            }
            if (!swarm.admissions().isOpenBefore(protocol.get())) {
                swarm.admissions().await(this);
            }
            yamux.timeout(Duration.ZERO);
            var stream = attach(new SwarmStream(this, yamux, protocol.get(), false), yamux);
            found[0].serve(stream);
            yamux.close();
        } catch (SocketTimeoutException e) {
            LOG.log(Level.DEBUG, "{0} opened a stream and named no protocol", peer);
            yamux.reset();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "a stream of " + peer + " ended", e);
            yamux.reset();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "a protocol's handler failed on a stream of " + peer, e);
            yamux.reset();
        } finally {
            yamux.served();
            if (!session.isOpen()) {
                swarm.scopes().forgetIfEmpty(peer);
            }
        }
    }
}
