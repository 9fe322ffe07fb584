package network.mycelium.libp2p.provider.protocols;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.record.PeerRecord;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.provider.swarm.Swarm;

/// libp2p/specs identify: asks each new peer who it is and what it offers, answers the same, and pushes to connected
/// peers when what this node offers or where it listens has changed. Changes within a moment go out together. A peer is
/// told one thing after the other: nothing in a message says which of two is the newer.
public final class Identify implements AutoCloseable {
    public static final String PROTOCOL = "/ipfs/id/1.0.0";
    public static final String PUSH = "/ipfs/id/push/1.0.0";

    private static final Logger LOG = System.getLogger(Identify.class.getName());
    private static final int MAX_MESSAGE = 64 * 1024;
    /// Of one message in all its parts: go sends the signed record in a second one.
    private static final int MAX_PARTS = 10;

    private static final int MAX_PROTOCOLS = 1000;
    private static final long UNTOLD = -1;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration GATHER = Duration.ofMillis(20);

    private final Swarm swarm;
    private final NodeKey key;
    private final String agent;
    private final Semaphore changes = new Semaphore(0);
    private final AtomicLong version = new AtomicLong();
    private final Map<Connection, Told> told = new ConcurrentHashMap<>();
    private Thread pusher;
    private byte[] sealed;
    private List<Multiaddr> sealedAddresses = List.of();

    /// What a connection's peer was told last.
    private static final class Told {
        private final ReentrantLock turn = new ReentrantLock();
        private volatile long version = UNTOLD;
    }

    public Identify(Swarm swarm, NodeKey key, String agent) {
        this.swarm = swarm;
        this.key = key;
        this.agent = agent;
    }

    public void start() {
        swarm.handle(PROTOCOL, stream -> {
            stream.timeout(PATIENCE);
            send(stream);
        });
        swarm.handle(PUSH, stream -> {
            stream.timeout(PATIENCE);
            take(stream);
        });
        pusher = Thread.ofVirtual().name("libp2p-identify-push").start(this::push);
    }

    /// What this node offers, or where it listens, is another now.
    public void changed() {
        version.incrementAndGet();
        changes.release();
    }

    /// A connection may be used from now on, until [#forget].
    public void expect(Connection connection) {
        told.putIfAbsent(connection, new Told());
    }

    /// The connection is closed.
    public void forget(Connection connection) {
        told.remove(connection);
    }

    private void push() {
        try {
            while (true) {
                changes.acquire();
                Thread.sleep(GATHER);
                changes.drainPermits();
                for (Connection connection : swarm.connections()) {
                    if (swarm.peer(connection.peer())
                            .filter(p -> p.protocols().contains(PUSH))
                            .isPresent()) {
                        Thread.startVirtualThread(() -> push(connection));
                    }
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.TRACE, "identify stops");
        }
    }

    private void push(Connection connection) {
        try (Stream stream = connection.open(PUSH)) {
            stream.timeout(PATIENCE);
            send(stream);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> connection.peer() + " was not told what changed", e);
        }
    }

    /// Asks the peer of a new connection.
    public void ask(Connection connection) {
        try (Stream stream = connection.open(PROTOCOL)) {
            stream.timeout(PATIENCE);
            take(stream);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> connection.peer() + " did not tell what it offers", e);
            return;
        }
        // A change between this side's answer and this moment was not pushed, for the peer was not known to want it.
        Told last = told.get(connection);
        if (last != null && last.version != UNTOLD && last.version < version.get()) {
            push(connection);
        }
    }

    private void send(Stream stream) throws IOException {
        Told last = told.get(stream.connection());
        if (last == null) {
            throw new IOException("The connection has ended meanwhile");
        }
        last.turn.lock();
        try {
            last.version = version.get();
            write(stream);
            // It ends the stream when it has taken the message.
            stream.input().read();
        } finally {
            last.turn.unlock();
        }
    }

    private void write(Stream stream) throws IOException {
        var message = new ProtoWriter().bytes(1, key.publicKey().message());
        List<Multiaddr> addresses = swarm.addresses();
        addresses.forEach(a -> message.bytes(2, a.bytes()));
        swarm.protocols().forEach(p -> message.text(3, p));
        message.bytes(4, stream.connection().remote().bytes())
                .text(5, "ipfs/0.1.0")
                .text(6, agent)
                .bytes(8, certified(addresses));
        Delimited.write(stream, message.toBytes());
        stream.closeWrite();
    }

    /// Signed anew only when the addresses change.
    private synchronized byte[] certified(List<Multiaddr> addresses) {
        if (sealed == null || !sealedAddresses.equals(addresses)) {
            sealedAddresses = addresses;
            sealed = new PeerRecord(key.peerId(), System.currentTimeMillis(), addresses).seal(key);
        }
        return sealed;
    }

    private void take(Stream stream) throws IOException {
        var message = new ByteArrayOutputStream();
        message.writeBytes(Delimited.read(stream.input(), MAX_MESSAGE));
        for (int parts = 1; parts < MAX_PARTS; parts++) {
            byte[] more = Delimited.readOrEnd(stream.input(), MAX_MESSAGE - message.size());
            if (more == null) {
                break;
            }
            // Protocol buffers that follow each other are one message with the fields of all.
            message.writeBytes(more);
        }
        try {
            take(stream.peer(), new ProtoReader(message.toByteArray()));
        } catch (IllegalArgumentException e) {
            throw new IOException("An identify message is not valid: " + e.getMessage(), e);
        }
    }

    private void take(PeerId peer, ProtoReader in) {
        List<Multiaddr> addresses = new ArrayList<>();
        Set<String> protocols = new TreeSet<>();
        String otherAgent = "";
        byte[] envelope = new byte[0];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> {
                    if (!PublicKey.parse(in.bytes()).peerId().equals(peer)) {
                        throw new IllegalArgumentException("its key is another peer's");
                    }
                }
                case 2 -> PeerRecord.understood(in.bytes(), addresses);
                case 3 -> {
                    if (protocols.size() < MAX_PROTOCOLS) {
                        protocols.add(in.text());
                    }
                }
                case 6 -> otherAgent = in.text();
                case 8 -> envelope = in.bytes();
                default -> {}
            }
        }
        if (!certified(peer, envelope)) {
            swarm.book().addAddresses(peer, addresses);
        }
        swarm.identified(peer, protocols, otherAgent);
    }

    /// Takes the record that a peer signed. One that cannot be read is of no use, and no reason to take
    /// nothing: rust can be told to sign for an older domain.
    ///
    /// @return whether it was taken
    private boolean certified(PeerId peer, byte[] envelope) {
        if (envelope.length == 0) {
            return false;
        }
        try {
            PeerRecord certified = PeerRecord.open(envelope);
            if (!certified.peer().equals(peer)) {
                throw new IllegalArgumentException("it is about " + certified.peer());
            }
            swarm.book().certified(certified, envelope);
            return true;
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "the signed record of {0} is not used: {1}", peer, e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        if (pusher != null) {
            pusher.interrupt();
        }
    }
}
