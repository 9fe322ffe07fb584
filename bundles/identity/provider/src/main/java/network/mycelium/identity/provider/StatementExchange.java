package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Two members compare what they hold and give each other what is missing: when they connect, and now and then with
/// one of those that are connected, for gossip promises nothing.
///
/// One stream: first both come to the same charters ([CharterExchange]); if they cannot, that is all, and both say
/// so. Then the opener says what it holds, a hash for each document; the other answers with what the opener lacks
/// and which it wants itself; the opener sends those.
final class StatementExchange implements ProtocolHandler, ConnectionListener, AutoCloseable {
    static final String PROTOCOL = "/mycelium/statements/2.0.0";
    private static final Logger LOG = System.getLogger(StatementExchange.class.getName());
    private static final int MAX_DOCUMENTS = 100_000;
    /// A hash for each document.
    private static final int MAX_SUMMARY = MAX_DOCUMENTS * (Hash.SIZE + 2);
    /// What is given at once; the rest follows at the next comparison, in the order in which it must be taken.
    private static final int MAX_GIVEN = 4 << 20;

    private static final int MAX_ITEMS = MAX_GIVEN + Item.MAX_SIZE;
    private static final int MAX_ANSWER = MAX_ITEMS + MAX_SUMMARY;
    /// Comparisons that others begin, one at a time for each: a message of one is held in memory whole.
    static final int AT_ONCE = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration ASK_AGAIN = Duration.ofMillis(500);

    private final Host host;
    private final NetworkDocuments documents;
    private final Runnable compared;
    private final Thread regular;
    /// Peers that are being compared with because they know more.
    private final Set<PeerId> asked = ConcurrentHashMap.newKeySet();

    /// Peers with whom the charters differ, so that it is said once.
    private final Set<PeerId> apart = ConcurrentHashMap.newKeySet();

    /// Peers that began a comparison.
    private final Set<PeerId> comparing = ConcurrentHashMap.newKeySet();

    private final Semaphore turns = new Semaphore(AT_ONCE);

    private volatile boolean closed;

    /// @param compared called after each comparison that came to its end
    StatementExchange(Host host, NetworkDocuments documents, Runnable compared) {
        this.host = host;
        this.documents = documents;
        this.compared = compared;
        this.regular = Thread.ofVirtual().name("statements").unstarted(this::compareNowAndThen);
    }

    StatementExchange start() {
        regular.start();
        host.connections().forEach(this::connected);
        return this;
    }

    /// The one who dialled asks.
    @Override
    public void connected(Connection connection) {
        if (connection.outbound()) {
            Thread.ofVirtual().name("statements " + connection.peer()).start(() -> compare(connection));
        }
    }

    @Override
    public void disconnected(Connection connection) {
        apart.remove(connection.peer());
    }

    /// Compares with a peer that knows something that this node lacks; once at a time.
    void ask(PeerId peer) {
        host.connection(peer)
                .filter(connection -> asked.add(peer))
                .ifPresent(connection -> Thread.ofVirtual()
                        .name("statements " + peer)
                        .start(() -> {
                            try {
                                compare(connection);
                                // Who says so again and again is not asked without a pause.
                                LockSupport.parkNanos(ASK_AGAIN.toNanos());
                            } finally {
                                asked.remove(peer);
                            }
                        }));
    }

    private void compareNowAndThen() {
        while (!closed) {
            LockSupport.parkNanos(PERIOD.toNanos());
            List<Connection> open = host.connections();
            if (!closed && !open.isEmpty()) {
                compare(open.get(ThreadLocalRandom.current().nextInt(open.size())));
            }
        }
    }

    /// What one side tells the other.
    private record Message(List<byte[]> items, List<Hash> hashes) {
        static Message read(Stream stream, int limit) throws IOException {
            var in = new ProtoReader(Delimited.read(stream.input(), limit));
            List<byte[]> items = new ArrayList<>();
            List<Hash> hashes = new ArrayList<>();
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> items.add(in.bytes());
                    case 2 -> hashes.add(Hash.of(in.bytes()));
                    default -> {}
                }
                if (items.size() + hashes.size() > MAX_DOCUMENTS) {
                    throw new IllegalArgumentException("More than %d documents".formatted(MAX_DOCUMENTS));
                }
            }
            return new Message(items, hashes);
        }

        void write(Stream stream) throws IOException {
            var out = new ProtoWriter();
            items.forEach(item -> out.bytes(1, item));
            hashes.forEach(hash -> out.bytes(2, hash.bytes()));
            Delimited.write(stream, out.toBytes());
        }
    }

    private static Sender sender(Stream stream) {
        return Sender.member(stream.peer().toString());
    }

    private void compare(Connection connection) {
        try (Stream stream = connection.open(PROTOCOL)) {
            stream.timeout(PATIENCE);
            if (!haveSameCharters(stream, true)) {
                return;
            }
            Set<Hash> mine = documents.digests();
            new Message(List.of(), List.copyOf(mine)).write(stream);
            Message answer = Message.read(stream, MAX_ANSWER);
            List<Hash> wanted = answer.hashes.stream().filter(mine::contains).toList();
            new Message(documents.items(wanted, MAX_GIVEN), List.of()).write(stream);
            documents.takeAll(answer.items, sender(stream));
            compared.run();
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "no comparison of statements with {0}: {1}", connection.peer(), e.getMessage());
        }
    }

    @Override
    public void handle(Stream stream) throws IOException {
        PeerId peer = stream.peer();
        if (!comparing.add(peer)) {
            throw new IOException(peer + " compares statements already");
        }
        try {
            if (!turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("Too many members compare statements at once");
            }
            try {
                answer(stream);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The thread was interrupted", e);
        } finally {
            comparing.remove(peer);
        }
    }

    private void answer(Stream stream) throws IOException {
        stream.timeout(PATIENCE);
        try {
            if (!haveSameCharters(stream, false)) {
                return;
            }
            Set<Hash> missing = new HashSet<>(documents.digests());
            List<Hash> wanted = new ArrayList<>();
            for (Hash hash : Message.read(stream, MAX_SUMMARY).hashes) {
                if (!missing.remove(hash)) {
                    wanted.add(hash);
                }
            }
            new Message(documents.items(missing, MAX_GIVEN), wanted).write(stream);
            documents.takeAll(Message.read(stream, MAX_ITEMS).items, sender(stream));
            compared.run();
        } catch (IllegalArgumentException e) {
            throw new IOException("The peer compares statements in a way that is not understood", e);
        }
    }

    private boolean haveSameCharters(Stream stream, boolean leads) throws IOException {
        boolean same = CharterExchange.run(stream, documents, sender(stream), leads);
        if (!same && apart.add(stream.peer())) {
            LOG.log(
                    Level.WARNING,
                    "{0} follows another charter of this network, so nothing is exchanged with it:"
                            + " see `network charter log`; `network charter pin` decides",
                    stream.peer());
        } else if (same) {
            apart.remove(stream.peer());
        }
        return same;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(regular);
    }
}
