package network.mycelium.repository.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.PeerId;

/// Who may be given bytes at the moment: so many requests of all members, and so many of one. The others wait.
final class Turns {
    private static final class OfPeer {
        private final Semaphore free;
        private int users;

        private OfPeer(int most) {
            free = new Semaphore(most, true);
        }
    }

    private final Semaphore free;
    private final int perPeer;
    private final Duration patience;
    private final Map<PeerId, OfPeer> peers = new ConcurrentHashMap<>();

    Turns(int most, int perPeer, Duration patience) {
        this.free = new Semaphore(most, true);
        this.perPeer = perPeer;
        this.patience = patience;
    }

    interface Work {
        void run() throws IOException;
    }

    /// Does it when it is this peer's turn.
    ///
    /// @throws IOException if it does not come in time
    void take(PeerId peer, Work work) throws IOException {
        OfPeer own = peers.compute(peer, (id, known) -> {
            OfPeer used = known == null ? new OfPeer(perPeer) : known;
            used.users++;
            return used;
        });
        try {
            acquire(own.free);
            try {
                acquire(free);
                try {
                    work.run();
                } finally {
                    free.release();
                }
            } finally {
                own.free.release();
            }
        } finally {
            peers.computeIfPresent(peer, (id, used) -> --used.users == 0 ? null : used);
        }
    }

    private void acquire(Semaphore semaphore) throws IOException {
        try {
            if (!semaphore.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("More is asked for at once than this node gives");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The thread was interrupted", e);
        }
    }

    /// Members whose requests run or wait.
    int peers() {
        return peers.size();
    }
}
