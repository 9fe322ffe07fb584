package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Statement;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.Topic;
import network.mycelium.node.command.Access;

/// This node as a member of one network, from when it joins or boots until it leaves or stops.
final class Membership implements JoinProtocol.Issuer, AutoCloseable {
    private static final Logger LOG = System.getLogger(Membership.class.getName());
    static final String GENESIS = "genesis";
    /// Where the node was that let this one in: a line for each of its addresses.
    static final String ISSUER = "issuer";
    private static final Duration TICK = Duration.ofMinutes(1);
    /// Less than the other side's patience.
    private static final Duration UNTIL_COMPARED = Duration.ofSeconds(5);

    private static final Duration MAX_TICKET_LIFE = Duration.ofDays(365);

    private final Network network;
    private final Host host;
    private final Envelopes envelopes;
    private final InstantSource clock;
    private final NetworkDocuments documents;
    private final NetworkStatements statements;
    private final Certificates certificates;
    private final CharterSigning signing;
    private final CharterOffice charters;
    private final Tickets tickets;
    private final AuditLog audit;
    private final AuditCheck check;
    private final KeyRotation rotation;
    private final CertificateRenewal renewal;
    private final MembershipProof proof;
    private final StatementExchange exchange;
    private final MemberConnections connections;
    private final HeardMembers presence;
    private final Topic topic;
    private final Thread ticking;
    private final List<AutoCloseable> offers = new ArrayList<>();
    private volatile boolean closed;

    /// @param folder where all of it is kept, with the genesis document in it
    Membership(Path folder, Host host, PubSub pubSub, Envelopes envelopes, InstantSource clock) throws IOException {
        Document<Genesis> genesis = genesis(folder);
        this.network = network(genesis);
        this.host = host;
        this.envelopes = envelopes;
        this.clock = clock;
        this.audit = new AuditLog(folder.resolve("audit.log"));
        var signer = new NodeSigner(envelopes);
        var heads = new AuditHeads(audit, envelopes, folder.resolve("audit-heads"));
        this.documents = new NetworkDocuments(genesis, folder, signer, clock, this::clocks);
        this.presence = new HeardMembers(
                host,
                pubSub.join("/mycelium/%s/presence".formatted(network.id())),
                peer -> documents.view(view -> view.isMember(peer)),
                heads,
                folder,
                clock);
        var own = new OwnDocuments(folder.resolve("own"), clock.millis());
        var memory = new SignerFile(folder.resolve("signer"));
        // What this node said is on its disk, even if a full one had no room for it among the others.
        own.items().forEach(item -> documents.take(item, Sender.DISK));
        this.statements = new NetworkStatements(documents, own, signer, memory, clock, audit);
        this.certificates = new Certificates(documents, statements, memory);
        this.signing = new CharterSigning(documents, statements, own, signer, memory, clock);
        this.charters = new CharterOffice(documents, signing, certificates, clock, audit);
        this.rotation = new KeyRotation(folder, signer, documents);
        rotation.finish();
        this.tickets = new Tickets(folder.resolve("tickets"), envelopes);
        this.proof = new MembershipProof(envelopes, documents);
        this.exchange = new StatementExchange(host, documents, statements::compared);
        this.check = new AuditCheck(host, audit, heads, this::member);
        this.renewal = new CertificateRenewal(documents, certificates, presence, audit, envelopes.self(), clock);
        this.connections = new MemberConnections(host, this::others, presence, issuer(folder.resolve(ISSUER)));
        this.topic = pubSub.join("/mycelium/%s/statements".formatted(network.id()));
        this.ticking = Thread.ofVirtual().name("network").unstarted(this::tick);
    }

    /// @throws IOException if it is of a network that this version cannot be in, which the message says
    private static Document<Genesis> genesis(Path folder) throws IOException {
        try {
            return Document.genesis(Files.readAllBytes(folder.resolve(GENESIS)));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "%s: %s. `network leave` forgets it.".formatted(folder.resolve(GENESIS), e.getMessage()), e);
        }
    }

    static Network network(Document<Genesis> genesis) {
        return new Network(
                genesis.hash().toString(),
                genesis.content().name(),
                Instant.ofEpochMilli(genesis.content().created()));
    }

    private static Map<PeerId, List<Multiaddr>> issuer(Path file) throws IOException {
        Map<PeerId, List<Multiaddr>> found = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] words = line.split(" ", 2);
                try {
                    found.computeIfAbsent(PeerId.parse(words[0]), peer -> new ArrayList<>())
                            .add(Multiaddr.parse(words[1]));
                } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                    LOG.log(Level.WARNING, "a line of {0} is dropped: {1}", file, e.getMessage());
                }
            }
        }
        return found;
    }

    /// Of the members that are connected; none before this node hears anybody.
    private List<Long> clocks() {
        HeardMembers heard = presence;
        return heard == null ? List.of() : heard.clocks();
    }

    /// Offers what members offer each other.
    void start() {
        offers.add(host.handle(MembershipProof.PROTOCOL, proof));
        offers.add(host.handle(JoinProtocol.PROTOCOL, stream -> {
            try {
                JoinProtocol.answer(stream, this);
            } finally {
                proof.isOver(stream.connection());
            }
        }));
        offers.add(host.handle(StatementExchange.PROTOCOL, exchange));
        offers.add(host.handle(AuditCheck.PROTOCOL, check));
        offers.add(host.listen(exchange));
        offers.add(host.listen(presence));
        documents.announcements().watch(this::changed);
        // Not by the thread that brings it, which gossip waits for.
        documents.spread(
                topic, exchange::ask, peer -> Thread.ofVirtual().name("forger").start(() -> host.disconnect(peer)));
        exchange.start();
    }

    /// Once the other side's proof can be judged here, and this node's own is offered.
    void connect() {
        presence.start();
        connections.start();
        renewal.start();
        ticking.start();
    }

    private void tick() {
        while (!closed) {
            LockSupport.parkNanos(TICK.toNanos());
            if (!closed) {
                try {
                    documents.tick(TICK);
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "what is kept of the network could not be brought up to date", e);
                }
            }
        }
    }

    /// Whoever is no member any more is disconnected, and keys that ended are remembered.
    private void changed() {
        host.connections().stream()
                .map(Connection::peer)
                .filter(documents::isFormer)
                .forEach(host::disconnect);
        try {
            certificates.rememberReplaced();
        } catch (IdentityException e) {
            LOG.log(Level.WARNING, e.getMessage(), e);
        }
    }

    private List<Member> others() {
        return members().stream()
                .filter(member -> !member.revoked() && !member.peer().equals(envelopes.self()))
                .toList();
    }

    MembershipProof proof() {
        return proof;
    }

    HeardMembers presence() {
        return presence;
    }

    NetworkStatements statements() {
        return statements;
    }

    Certificates certificates() {
        return certificates;
    }

    CharterOffice charters() {
        return charters;
    }

    NetworkDocuments documents() {
        return documents;
    }

    Network network() {
        return network;
    }

    AuditLog audit() {
        return audit;
    }

    AuditCheck check() {
        return check;
    }

    List<Member> members() {
        return documents.view(MemberView::all);
    }

    Optional<Member> member(PeerId peer) {
        return documents.view(view -> view.member(peer));
    }

    boolean isMember() {
        return documents.view(view -> view.isMember(envelopes.self()));
    }

    private boolean isOperator(PeerId peer) {
        return documents.read(holding -> holding.isOperator(NodeSigner.key(peer)));
    }

    /// What directives select the founder by; that it speaks for the network says the charter.
    void certifyFounder(String name) throws IdentityException {
        certificates.admit(envelopes.self(), name, new Terms(Access.STANDARD, List.of("sclerotium"), Map.of()));
    }

    String invite(Invitation invitation) throws IdentityException {
        if (!isOperator(envelopes.self())) {
            throw new IdentityException(
                    Kind.DENIED, "This node is no operator of %s: ask one to invite.".formatted(network.name()));
        }
        if (invitation.uses() < 1
                || !invitation.life().isPositive()
                || invitation.life().compareTo(MAX_TICKET_LIFE) > 0) {
            throw new IdentityException(
                    Kind.INVALID, "A ticket is good for one use or more, and for some time, a year at most.");
        }
        if (invitation.access() == Access.FULL) {
            throw new IdentityException(
                    Kind.INVALID,
                    "No ticket makes an operator: invite with less access, then `network charter add NAME`.");
        }
        Instant now = clock.instant();
        Terms terms = terms(invitation);
        String ticket = tickets.make(
                network.name(),
                documents.genesis().hash(),
                documents.tip(),
                host.addresses(),
                now,
                invitation.life(),
                invitation.uses(),
                terms);
        audit.append(
                now,
                "invite",
                "%s access, roles %s, %d uses until %s"
                        .formatted(
                                invitation.access(),
                                invitation.roles(),
                                invitation.uses(),
                                now.plus(invitation.life())));
        return ticket;
    }

    private static Terms terms(Invitation invitation) throws IdentityException {
        try {
            return new Terms(invitation.access(), invitation.roles(), invitation.labels());
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, e.getMessage() + ".", e);
        }
    }

    @Override
    public Tickets.Ticket read(String ticket) throws IdentityException {
        return Tickets.read(envelopes, ticket);
    }

    @Override
    public JoinProtocol.Welcome welcome(Tickets.Ticket ticket, Stream from, String name) throws IdentityException {
        PeerId peer = from.peer();
        // First whether it is this node's: who brings one of his own learns nothing else.
        tickets.check(ticket, documents.genesis().hash(), clock.instant());
        if (!isOperator(envelopes.self())) {
            throw new IdentityException(Kind.DENIED, "The node that made the ticket is no operator any more");
        }
        if (!documents.path().contains(ticket.tip().charter())) {
            throw new IdentityException(
                    Kind.DENIED, "The charter that the ticket names was undone; ask for a new ticket");
        }
        // No use is lost while this node may not speak.
        statements.awaitCompared(UNTIL_COMPARED);
        // Operators gave this key the place of one that was lost, or the node asks again: it is who it was.
        boolean again = documents.view(view -> view.isMember(peer));
        if (!again) {
            certificates.checkAdmissible(peer, name);
        }
        tickets.use(ticket, documents.genesis().hash(), clock.instant());
        if (!again) {
            certificates.admit(peer, name, ticket.terms());
        }
        audit.append(
                clock.instant(),
                "admit",
                again
                        ? "%s again".formatted(peer)
                        : "%s as %s, %s access"
                                .formatted(peer, name, ticket.terms().access()));
        LOG.log(Level.INFO, "admitted {0} as {1} to {2}", peer, name, network.name());
        return new JoinProtocol.Welcome(documents.genesis().bytes(), documents.everything());
    }

    void revoke(PeerId peer) throws IdentityException {
        if (isOperator(peer)) {
            throw new IdentityException(
                    Kind.DENIED,
                    "%s is an operator, by the charter: `network charter remove` takes it out.".formatted(peer));
        }
        certificates.revoke(peer);
        audit.append(clock.instant(), "revoke", peer.toString());
    }

    Statement recover(PeerId lost, PeerId next) throws IdentityException {
        if (isOperator(lost)) {
            throw new IdentityException(
                    Kind.DENIED,
                    "%s is an operator, by the charter: `network charter replace` gives it another key."
                            .formatted(lost));
        }
        Statement said = certificates.recover(lost, next);
        audit.append(clock.instant(), "recover", "%s is %s now".formatted(lost, next));
        return said;
    }

    Statement confirm(PeerId peer) throws IdentityException {
        Statement said = certificates.confirm(peer);
        audit.append(clock.instant(), "confirm", peer.toString());
        return said;
    }

    Statement readmit(PeerId id, PeerId next) throws IdentityException {
        Statement said = certificates.readmit(id, next);
        audit.append(clock.instant(), "readmit", "%s is %s now".formatted(id, next));
        return said;
    }

    /// @param codes recovery codes, which an operator's node needs
    PeerId rotateKey(NodeKeys keys, List<String> codes) throws IdentityException {
        PeerId next = rotation.rotate(
                keys, signer -> isOperator(envelopes.self()) ? signing.ownKey(signer, codes) : List.of());
        audit.append(clock.instant(), "rotate", "%s is %s now".formatted(envelopes.self(), next));
        return next;
    }

    void pin(Pin pin) throws IOException {
        documents.pin(pin);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(ticking);
        for (AutoCloseable offer : offers.reversed()) {
            try {
                offer.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "something of the network was not taken back", e);
            }
        }
        exchange.close();
        renewal.close();
        connections.close();
        presence.close();
        topic.close();
    }
}
