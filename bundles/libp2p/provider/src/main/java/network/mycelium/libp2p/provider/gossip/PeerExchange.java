package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.record.PeerRecord;
import network.mycelium.libp2p.provider.swarm.PeerBook;

/// Peer exchange (gossipsub v1.1): a peer that has no room names others, by the records that they signed themselves, so
/// that nobody is sent to an address that is not theirs. At most [#MAX_DIALS] suggestions are followed in [#PERIOD];
/// more are left. A record is kept once its peer was reached by it.
final class PeerExchange {
    private static final Logger LOG = System.getLogger(PeerExchange.class.getName());
    private static final int MAX_DIALS = 8;
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final Host host;
    private final PeerBook book;
    private final Semaphore dials = new Semaphore(MAX_DIALS);

    PeerExchange(Host host, PeerBook book) {
        this.host = host;
        this.book = book;
    }

    Optional<byte[]> signedRecord(PeerId peer) {
        return book.signedRecord(peer);
    }

    /// Connects to those whose records are genuine, or who are known already, on threads of its own.
    void meet(List<Suggested> others) {
        for (Suggested other : others) {
            if (dials.tryAcquire()) {
                Thread.ofVirtual().name("libp2p-gossip-exchange").start(() -> {
                    long until = System.nanoTime() + PERIOD.toNanos();
                    try {
                        meet(other);
                    } finally {
                        for (long left; (left = until - System.nanoTime()) > 0; ) {
                            LockSupport.parkNanos(left);
                        }
                        dials.release();
                    }
                });
            }
        }
    }

    private void meet(Suggested other) {
        try {
            PeerId id = PeerId.parse(other.peer());
            if (other.signedRecord().length == 0) {
                host.connect(id, List.of());
                return;
            }
            PeerRecord signed = PeerRecord.open(other.signedRecord());
            if (!signed.peer().equals(id)) {
                throw new IllegalArgumentException("the record is about another peer");
            }
            host.connect(id, signed.addresses());
            book.certified(signed, other.signedRecord());
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "a peer that another one told of is not met", e);
        }
    }
}
