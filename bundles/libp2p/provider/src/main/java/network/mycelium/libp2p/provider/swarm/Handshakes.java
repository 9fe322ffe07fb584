package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.net.Socket;
import java.util.LinkedHashSet;

/// Incoming connections that have not proved who they are. At the bound the oldest gives way: an honest handshake takes
/// milliseconds, so who dawdles cannot keep others out. Safe from any thread.
final class Handshakes {
    private final int max;
    private final LinkedHashSet<Socket> pending = new LinkedHashSet<>();
    private long evicted;

    Handshakes(int max) {
        this.max = max;
    }

    void begin(Socket socket) {
        Socket oldest = null;
        synchronized (this) {
            pending.addLast(socket);
            if (pending.size() > max) {
                oldest = pending.removeFirst();
                evicted++;
            }
        }
        if (oldest != null) {
            close(oldest);
        }
    }

    synchronized void end(Socket socket) {
        pending.remove(socket);
    }

    synchronized int count() {
        return pending.size();
    }

    synchronized long evicted() {
        return evicted;
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            System.getLogger(Handshakes.class.getName()).log(System.Logger.Level.TRACE, "a socket did not close", e);
        }
    }
}
