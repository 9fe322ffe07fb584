package network.mycelium.libp2p.provider.swarm;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Looks after the connections: asks for signs of life, closes what nobody needs, and trims when there are
/// too many. Nothing that a peer does holds it up: each connection is closed on a thread of its own.
final class Keeper implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Keeper.class.getName());

    private final Settings settings;
    private final Connections connections;
    private final PeerBook book;
    private volatile boolean closed;
    private Thread thread;

    Keeper(Settings settings, Connections connections, PeerBook book) {
        this.settings = settings;
        this.connections = connections;
        this.book = book;
    }

    void start() {
        thread = Thread.ofVirtual().name("libp2p-keeper").start(this::keep);
    }

    /// There is one connection more.
    void added() {
        if (connections.count() > settings.highWater()) {
            LockSupport.unpark(thread);
        }
    }

    private void keep() {
        while (!closed) {
            LockSupport.parkNanos(settings.heartbeat().toNanos());
            if (closed) {
                return;
            }
            try {
                for (SwarmConnection connection : connections.all()) {
                    connection.session().heartbeat(settings.handshake().toNanos());
                }
                connections.superseded(Instant.now().minus(settings.grace())).forEach(Keeper::close);
                connections.all().stream().filter(SwarmConnection::isFinished).forEach(Keeper::close);
                trim();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "looking after the connections failed", e);
            }
        }
    }

    private static void close(SwarmConnection connection) {
        Thread.startVirtualThread(connection::close);
    }

    /// Above the high water mark connections go, until the low water mark.
    private void trim() {
        int count = connections.count();
        if (count > settings.highWater()) {
            Instant graceEnd = Instant.now().minus(settings.grace());
            trimmable(graceEnd).stream().limit(count - settings.lowWater()).forEach(Keeper::close);
        }
    }

    /// Those that may go, the first to go first. New and protected ones stay. Nothing counts that a peer can
    /// have for nothing, such as open streams: of the least tagged, those that came in go before those that
    /// this node dialled, and of these first those that have the most beside them from the same address; at
    /// last the newest.
    List<SwarmConnection> trimmable(Instant graceEnd) {
        List<SwarmConnection> candidates = new ArrayList<>(connections.all());
        candidates.removeIf(c -> c.opened().isAfter(graceEnd) || book.isProtected(c.peer()));
        candidates.sort(Comparator.comparing(SwarmConnection::opened));
        Map<Origin, Integer> older = new HashMap<>();
        Map<SwarmConnection, Integer> rank = new HashMap<>();
        for (SwarmConnection connection : candidates) {
            rank.put(connection, connection.outbound() ? 0 : older.merge(connection.origin(), 1, Integer::sum));
        }
        candidates.sort(Comparator.comparingLong((SwarmConnection c) -> book.value(c.peer()))
                .thenComparing(SwarmConnection::outbound)
                .thenComparing(rank::get, Comparator.reverseOrder())
                .thenComparing(SwarmConnection::opened, Comparator.reverseOrder()));
        return candidates;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
