package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
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
        swarm.admitAgain(admission);
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

    /// Asks them all.
    void admit(SwarmConnection connection) throws IOException {
        if (expected && all.isEmpty()) {
            throw new Libp2pException(Kind.REFUSED, "This node is not ready to admit peers yet");
        }
        for (Admission admission : all) {
            admission.admit(connection);
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
