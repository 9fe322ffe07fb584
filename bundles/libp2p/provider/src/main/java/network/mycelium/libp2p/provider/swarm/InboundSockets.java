package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.net.Socket;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The sockets that others opened to this node: those whose handshake is under way, and those that became
/// connections.
///
/// One origin has a bounded number of both. At the bound its oldest handshake gives way; if it has none,
/// the new socket is closed. All origins together have a bounded number of handshakes: at that bound the
/// oldest gives way of the origin that has most of them. An honest handshake takes milliseconds, so who
/// dawdles or floods keeps out nobody but himself. Safe from any thread.
final class InboundSockets {
    private static final class Count {
        private int sockets;
        private int handshakes;
    }

    private final int maxHandshakes;
    private final int maxOfOrigin;
    private final int maxOfLoopback;
    /// The oldest first.
    private final LinkedHashMap<Socket, Origin> handshakes = new LinkedHashMap<>();

    private final Map<Socket, Origin> sockets = new HashMap<>();
    private final Map<Origin, Count> counts = new HashMap<>();
    private long evicted;
    private long refused;

    InboundSockets(Settings settings) {
        this.maxHandshakes = settings.transients().connections();
        this.maxOfOrigin = settings.maxOfAddress();
        this.maxOfLoopback = settings.maxOfLoopback();
    }

    /// A socket was accepted, and its handshake begins.
    ///
    /// @return false if it is one too many of its origin: it is closed
    boolean begin(Socket socket) {
        Origin origin = Origin.of(socket.getInetAddress());
        Socket gives = null;
        boolean taken = true;
        synchronized (this) {
            Count count = counts.computeIfAbsent(origin, o -> new Count());
            if (count.sockets >= (origin.loopback() ? maxOfLoopback : maxOfOrigin)) {
                taken = count.handshakes > 0;
                gives = taken ? oldest(origin) : socket;
            }
            if (taken) {
                count.sockets++;
                count.handshakes++;
                sockets.put(socket, origin);
                handshakes.putLast(socket, origin);
                if (gives == null && handshakes.size() > maxHandshakes) {
                    gives = oldestOfMost();
                }
                if (gives != null) {
                    remove(gives);
                    evicted++;
                }
            } else {
                refused++;
                drop(origin, count);
            }
        }
        if (gives != null) {
            close(gives);
        }
        return taken;
    }

    /// Of several origins that have most, the oldest.
    private Socket oldestOfMost() {
        return handshakes.entrySet().stream()
                .max(Comparator.comparingInt(e -> counts.get(e.getValue()).handshakes))
                .orElseThrow()
                .getKey();
    }

    private Socket oldest(Origin origin) {
        return handshakes.entrySet().stream()
                .filter(e -> e.getValue().equals(origin))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /// The handshake is done: the socket goes on as a connection.
    ///
    /// @return false if it had to give way to another meanwhile
    synchronized boolean established(Socket socket) {
        Origin origin = handshakes.remove(socket);
        if (origin == null) {
            return false;
        }
        counts.get(origin).handshakes--;
        return true;
    }

    /// The socket is closed, or about to be. May be called again.
    synchronized void end(Socket socket) {
        remove(socket);
    }

    private void remove(Socket socket) {
        Origin origin = sockets.remove(socket);
        if (origin != null) {
            Count count = counts.get(origin);
            count.sockets--;
            if (handshakes.remove(socket) != null) {
                count.handshakes--;
            }
            drop(origin, count);
        }
    }

    private void drop(Origin origin, Count count) {
        if (count.sockets == 0) {
            counts.remove(origin);
        }
    }

    synchronized int handshakes() {
        return handshakes.size();
    }

    synchronized int sockets() {
        return sockets.size();
    }

    /// Of the origin that has most.
    synchronized int mostOfOrigin() {
        return counts.values().stream().mapToInt(c -> c.sockets).max().orElse(0);
    }

    /// Handshakes that gave way to others.
    synchronized long evicted() {
        return evicted;
    }

    /// Sockets that were one too many of their origin.
    synchronized long refused() {
        return refused;
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            System.getLogger(InboundSockets.class.getName())
                    .log(System.Logger.Level.TRACE, "a socket did not close", e);
        }
    }
}
