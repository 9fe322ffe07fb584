package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Member;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Rendezvous;
import network.mycelium.libp2p.PeerId;

/// Certificates are renewed before they expire, so that a network goes on for as long as it has operators. Each by one
/// of the operators that are heard; if two believe that it is their turn, nothing is lost.
final class CertificateRenewal implements AutoCloseable {
    private static final Logger LOG = System.getLogger(CertificateRenewal.class.getName());
    /// How long before: a member may be away for that long.
    static final Duration AHEAD = Membership.CERTIFICATE_LIFE.dividedBy(5);

    private static final Duration LOOK = Duration.ofHours(1);

    private final Membership membership;
    private final PeerId self;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean closed;

    CertificateRenewal(Membership membership, PeerId self, InstantSource clock) {
        this.membership = membership;
        this.self = self;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("certificates").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            renew();
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private void renew() {
        Instant now = clock.instant();
        for (Member member : membership.members()) {
            if (!member.revoked() && member.expires().isBefore(now.plus(AHEAD)) && isOwnTask(member, now)) {
                try {
                    membership.renew(member);
                } catch (IdentityException e) {
                    LOG.log(Level.WARNING, "the certificate of {0} is not renewed: {1}", member.name(), e.getMessage());
                }
            }
        }
    }

    private boolean isOwnTask(Member member, Instant now) {
        List<String> able = membership.presence().present().stream()
                .map(Presence.Present::peer)
                .filter(peer -> membership
                        .statements()
                        .read(book -> book.members().isOperator(peer, now)
                                && (member.access() != Access.FULL
                                        || book.members().isFounder(peer))))
                .map(PeerId::toString)
                .toList();
        List<String> order = Rendezvous.order(member.peer().toString(), able);
        return !order.isEmpty() && order.getFirst().equals(self.toString());
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
