package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;

/// Who must admit a connection before it is used: everybody who is registered for it. Safe from any thread.
public final class Admissions {
    private static final Logger LOG = System.getLogger(Admissions.class.getName());

    private final Swarm swarm;
    private final List<Admission> all = new CopyOnWriteArrayList<>();
    private volatile boolean expected;

    Admissions(Swarm swarm) {
        this.swarm = swarm;
    }

    /// Whether nothing is admitted until somebody is registered to say so: a node that belongs to a network is never
    /// open, not even while it boots.
    public void expect(boolean somebody) {
        expected = somebody;
    }

    public void add(Admission admission) {
        all.add(admission);
        admitAgain(admission);
    }

    public void remove(Admission admission) {
        all.remove(admission);
    }

    boolean areNeeded() {
        return expected || !all.isEmpty();
    }

    boolean isOpenBefore(String protocol) {
        return all.stream().anyMatch(admission -> admission.protocols().contains(protocol));
    }

    /// Asks them all, and closes the connection unless all admit it within the time for a handshake. One
    /// that fails, however it does, has not admitted it.
    void admit(SwarmConnection connection) throws IOException {
        Thread watch = Thread.startVirtualThread(() -> closeUnlessAdmitted(connection));
        boolean done = false;
        try {
            if (expected && all.isEmpty()) {
                throw new Libp2pException(Kind.REFUSED, "This node is not ready to admit peers yet");
            }
            for (Admission admission : all) {
                ask(admission, connection);
            }
            done = true;
        } finally {
            watch.interrupt();
            if (!done) {
                connection
                        .admitted()
                        .completeExceptionally(new Libp2pException(Kind.REFUSED, "The connection was not admitted"));
                connection.close();
            }
        }
    }

    private static void ask(Admission admission, SwarmConnection connection) throws IOException {
        try {
            admission.admit(connection);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "an admission failed, so it refuses " + connection.peer() + ": " + admission, e);
            throw new Libp2pException(Kind.REFUSED, "An admission failed: " + e, e);
        }
    }

    private void closeUnlessAdmitted(SwarmConnection connection) {
        try {
            Thread.sleep(swarm.settings().handshake());
            connection.close();
        } catch (InterruptedException e) {
            // It is decided.
            Thread.currentThread().interrupt();
        }
    }

    /// Somebody new wants a say, in the connections that are open too.
    private void admitAgain(Admission admission) {
        for (SwarmConnection connection : swarm.all()) {
            Thread.startVirtualThread(() -> {
                try {
                    ask(admission, connection);
                } catch (IOException e) {
                    LOG.log(Level.DEBUG, "{0} is no longer admitted: {1}", connection.peer(), e.getMessage());
                    connection.close();
                }
            });
        }
    }

    /// Waits until the connection is admitted.
    void await(SwarmConnection connection) throws IOException {
        if (connection.admitted().isDone() && !connection.admitted().isCompletedExceptionally()) {
            return;
        }
        try {
            connection.admitted().get(swarm.settings().handshake().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Libp2pException(Kind.REFUSED, "The connection is not admitted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Libp2pException(Kind.CLOSED, "The thread was interrupted", e);
        }
    }
}
