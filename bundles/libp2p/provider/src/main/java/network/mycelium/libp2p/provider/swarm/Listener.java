package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;

/// Accepts connections at one address, each handshake on a virtual thread of its own.
final class Listener implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Listener.class.getName());
    private static final int BACKLOG = 512;

    private final Swarm swarm;
    private final ServerSocket server;
    private final Multiaddr address;
    private final Thread acceptor;

    /// @param before the port to try first where any will do; 0 for none
    /// @throws IOException if the address cannot be had, saying which and what to do
    Listener(Swarm swarm, Multiaddr wanted, int before) throws IOException {
        this.swarm = swarm;
        this.server = new ServerSocket();
        boolean done = false;
        try {
            if (!wanted.isTcp()) {
                throw new IOException(wanted + " cannot be listened on: it is not /ip4 or /ip6 with /tcp");
            }
            server.setReuseAddress(true);
            bind(
                    InetAddress.getByName(wanted.parts().getFirst().value()),
                    Integer.parseInt(wanted.value(Protocol.TCP).orElseThrow()),
                    before);
            done = true;
        } catch (BindException e) {
            throw new IOException(
                    "%s cannot be listened on: %s. Set another address, or port 0 for any."
                            .formatted(wanted, e.getMessage()),
                    e);
        } finally {
            if (!done) {
                server.close();
            }
        }
        this.address = Multiaddr.tcp((InetSocketAddress) server.getLocalSocketAddress());
        this.acceptor = Thread.ofVirtual().name("libp2p-listen " + address).unstarted(this::accept);
    }

    private void bind(InetAddress at, int port, int before) throws IOException {
        if (port == 0 && before > 0) {
            try {
                server.bind(new InetSocketAddress(at, before), BACKLOG);
                return;
            } catch (BindException e) {
                LOG.log(Level.INFO, "port {0} is somebody else''s now; another one is taken", before);
            }
        }
        server.bind(new InetSocketAddress(at, port), BACKLOG);
    }

    int port() {
        return server.getLocalPort();
    }

    Multiaddr address() {
        return address;
    }

    void start() {
        acceptor.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                // Here, so that they give way in the order in which they came, not in that of their threads.
                if (swarm.inbound().begin(socket)) {
                    start(socket);
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    LOG.log(Level.WARNING, "a connection to " + address + " could not be accepted", e);
                    pause();
                }
            } catch (RuntimeException | Error e) {
                // Whatever befell this socket, the next one is accepted.
                LOG.log(Level.WARNING, "a connection to " + address + " could not be served", e);
                pause();
            }
        }
    }

    /// When the process has no file descriptors left, accepting fails at once, again and again.
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(Socket socket) {
        boolean started = false;
        try {
            Thread.startVirtualThread(() -> upgrade(socket));
            started = true;
        } finally {
            if (!started) {
                drop(socket);
            }
        }
    }

    private void drop(Socket socket) {
        InboundSockets.close(socket);
        swarm.inbound().end(socket);
    }

    private void upgrade(Socket socket) {
        SwarmConnection connection = null;
        boolean runs = false;
        try {
            Multiaddr remote = Multiaddr.tcp((InetSocketAddress) socket.getRemoteSocketAddress());
            Optional<String> refusal = swarm.gates().refuseAddress(Optional.empty(), remote);
            if (refusal.isPresent()) {
                throw new Libp2pException(Libp2pException.Kind.REFUSED, "a gate refuses: " + refusal.get());
            }
            SwarmConnection ready = swarm.upgrader().upgrade(socket, false, Optional.empty());
            connection = ready;
            if (!swarm.inbound().established(socket)) {
                throw new Libp2pException(Libp2pException.Kind.LIMIT, "it gave way to another");
            }
            // On a thread of its own, for this one's stack is as large as the handshake made it.
            Thread.startVirtualThread(() -> swarm.run(ready));
            runs = true;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "a connection to " + address + " did not come about", e);
        } finally {
            if (!runs) {
                if (connection != null) {
                    connection.discard();
                }
                drop(socket);
            }
        }
    }

    /// Returns when the port is free: a virtual thread that waits in accept keeps it until that thread has woken.
    @Override
    public void close() throws IOException {
        server.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
