package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;

/// What somebody gave for a ticket, or to who recovers a network, checked before anything of it lies on the disk.
final class Welcomed {
    /// How long the signatures may take: 200 are checked a second.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final DocumentStore store;
    private final Pin pin;
    private final InstantSource clock;

    private Welcomed(DocumentStore store, Pin pin, InstantSource clock) {
        this.store = store;
        this.pin = pin;
        this.clock = clock;
    }

    /// @throws IdentityException INVALID if it is of another network or does not make this node a member
    static Welcomed check(JoinProtocol.Welcome welcome, Tickets.Ticket ticket, NodeSigner signer, InstantSource clock)
            throws IdentityException {
        Document<Genesis> genesis = genesis(welcome.genesis());
        if (!genesis.hash().equals(ticket.network())) {
            throw invalid("The node that was asked speaks for another network than the ticket does");
        }
        var welcomed = new Welcomed(new DocumentStore(genesis, signer.check()), ticket.tip(), clock);
        welcomed.store.pin(ticket.tip());
        welcomed.take(welcome.documents(), ticket.issuer().toString());
        if (!welcomed.store.path().contains(ticket.tip().charter())) {
            throw invalid("The charter that the ticket names is not among those that came for it");
        }
        long now = clock.millis();
        if (!welcomed.store.holding().isOperator(NodeSigner.key(ticket.issuer()))) {
            throw invalid("The issuer of the ticket is no operator");
        }
        if (!new MemberView(welcomed.store.holding(), now).isMember(NodeSigner.peer(signer.key()))) {
            throw invalid("The certificate that came for the ticket is not valid");
        }
        return welcomed;
    }

    static Document<Genesis> genesis(byte[] bytes) throws IdentityException {
        try {
            return Document.genesis(bytes);
        } catch (IllegalArgumentException e) {
            throw invalid("The genesis document is not understood: " + e.getMessage());
        }
    }

    private static IdentityException invalid(String why) {
        return new IdentityException(Kind.INVALID, why + ".");
    }

    private void take(List<byte[]> documents, String from) throws IdentityException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        for (byte[] document : documents) {
            Outcome outcome = store.offer(document, Sender.member(from), clock.millis());
            while (outcome instanceof Outcome.Wait(long milliseconds)) {
                if (System.nanoTime() > until) {
                    throw new IdentityException(
                            Kind.UNREACHABLE, "Checking what came for the ticket takes too long; try again.");
                }
                LockSupport.parkNanos(Duration.ofMillis(milliseconds).toNanos());
                outcome = store.offer(document, Sender.member(from), clock.millis());
            }
            if (outcome instanceof Outcome.Disconnect(String why)) {
                throw invalid("What came for the ticket is forged: " + why);
            }
        }
    }

    /// Writes it to the disk of a node that belongs to no network yet; the genesis document comes last, by the
    /// caller.
    void keep(Path folder) throws IOException {
        NetworkDocuments.keep(folder, store.everything(), Optional.of(pin), clock.millis());
    }
}
