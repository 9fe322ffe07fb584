package network.mycelium.libp2p.provider.swarm;

import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Closes the sockets whose handshakes take too long. A timeout of the socket's own would count anew with each byte
/// that comes, and start and stop a timer for each read. Safe from any thread.
final class HandshakeDeadline implements AutoCloseable {
    private final Duration limit;
    /// When each has to be done, the soonest first.
    private final Map<Socket, Long> pending = new LinkedHashMap<>();
    /// Waits for the soonest; null while there is none.
    private Thread watch;

    HandshakeDeadline(Duration limit) {
        this.limit = limit;
    }

    synchronized void begin(Socket socket) {
        pending.put(socket, System.nanoTime() + limit.toNanos());
        if (watch == null) {
            watch = Thread.ofVirtual().name("libp2p-handshakes").start(this::watch);
        }
    }

    /// @return whether it is in time; if not, the socket is closed
    synchronized boolean end(Socket socket) {
        return pending.remove(socket) != null;
    }

    private void watch() {
        for (Socket late = null; ; ) {
            long wait;
            synchronized (this) {
                if (pending.isEmpty()) {
                    watch = null;
                    return;
                }
                Map.Entry<Socket, Long> soonest = pending.entrySet().iterator().next();
                wait = soonest.getValue() - System.nanoTime();
                if (wait <= 0) {
                    late = soonest.getKey();
                    pending.remove(late);
                }
            }
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            } else {
                InboundSockets.close(late);
            }
        }
    }

    /// Those that are under way are given up.
    @Override
    public synchronized void close() {
        pending.keySet().forEach(InboundSockets::close);
        pending.clear();
        LockSupport.unpark(watch);
    }
}
