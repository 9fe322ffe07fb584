package network.mycelium.libp2p.provider.gossip;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.record.PeerRecord;
import network.mycelium.libp2p.provider.swarm.PeerBook;

/// Peer exchange (gossipsub v1.1): a peer that has no room names others, by the records that they signed themselves, so
/// that nobody is sent to an address that is not theirs. At most [#MAX_DIALS] suggestions are followed at a time; more
/// are left.
final class PeerExchange {
    private static final Logger LOG = System.getLogger(PeerExchange.class.getName());
    private static final int MAX_DIALS = 8;

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
                    try {
                        meet(other);
                    } finally {
                        dials.release();
                    }
                });
            }
        }
    }

    private void meet(Suggested other) {
        try {
            PeerId id = PeerId.parse(other.peer());
            if (other.signedRecord().length > 0) {
                PeerRecord signed = PeerRecord.open(other.signedRecord());
                if (!signed.peer().equals(id)) {
                    throw new IllegalArgumentException("the record is about another peer");
                }
                book.certified(signed, other.signedRecord());
            }
            host.connect(id, List.of());
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "a peer that another one told of is not met", e);
        }
    }
}
