package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Rendezvous;
import network.mycelium.identity.core.store.Alarm;
import network.mycelium.identity.core.store.MemberState;
import network.mycelium.libp2p.PeerId;

/// Certificates are renewed before they expire, so that a network goes on for as long as an operator comes by
/// every two months; one that expired is renewed, too. Each by one of the operators that are heard; if two believe
/// that it is their turn, nothing is lost. It only prolongs: what a machine says by itself never restates what a
/// human said.
final class CertificateRenewal implements AutoCloseable {
    private static final Logger LOG = System.getLogger(CertificateRenewal.class.getName());
    /// What must be left, or it is renewed.
    static final Duration LEFT = Duration.ofDays(60);

    private static final Duration LOOK = Duration.ofHours(1);
    /// While it could not be done, as before the first comparison.
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final NetworkDocuments documents;
    private final Certificates certificates;
    private final Presence presence;
    private final AuditLog audit;
    private final PeerId self;
    private final InstantSource clock;
    private final Thread thread;
    private volatile boolean closed;

    CertificateRenewal(
            NetworkDocuments documents,
            Certificates certificates,
            Presence presence,
            AuditLog audit,
            PeerId self,
            InstantSource clock) {
        this.documents = documents;
        this.certificates = certificates;
        this.presence = presence;
        this.audit = audit;
        this.self = self;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("certificates").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            boolean done = renew();
            LockSupport.parkNanos((done ? LOOK : AGAIN).toNanos());
        }
    }

    /// @return whether all was done that is this node's task
    private boolean renew() {
        if (!isOperator(self)
                || documents
                        .read(holding -> holding.alarms().stream())
                        .anyMatch(alarm -> alarm instanceof Alarm.Fork)) {
            return true;
        }
        long soon = clock.millis() + LEFT.toMillis();
        List<MemberState> due = documents.read(holding -> holding.members().stream()
                .filter(member -> member.expires() != 0 && member.expires() < soon)
                .toList());
        boolean done = true;
        for (MemberState member : due) {
            if (!closed && isOwnTask(member)) {
                done &= renew(member);
            }
        }
        return done;
    }

    private boolean renew(MemberState member) {
        try {
            certificates.renew(member, clock.millis());
            audit.append(clock.instant(), "renew", member.id());
            return true;
        } catch (IdentityException e) {
            LOG.log(
                    Level.WARNING,
                    "the certificate of {0} is not renewed: {1}",
                    member.member().name(),
                    e.getMessage());
            return false;
        }
    }

    private boolean isOperator(PeerId peer) {
        return documents.read(holding -> holding.isOperator(NodeSigner.key(peer)));
    }

    private boolean isOwnTask(MemberState member) {
        List<String> able = presence.present().stream()
                .map(Presence.Present::peer)
                .filter(this::isOperator)
                .map(PeerId::toString)
                .toList();
        List<String> order = Rendezvous.order(member.id(), able);
        return !order.isEmpty() && order.getFirst().equals(self.toString());
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
