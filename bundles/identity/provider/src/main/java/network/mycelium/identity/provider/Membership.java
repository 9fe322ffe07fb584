package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Statement;
import network.mycelium.identity.StatementAuthority;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.Topic;

/// This node as a member of one network, from when it joins or boots until it leaves or stops.
final class Membership implements JoinProtocol.Issuer, AutoCloseable {
    private static final Logger LOG = System.getLogger(Membership.class.getName());
    static final String GENESIS = "genesis";
    /// Where the node was that let this one in: a line for each of its addresses.
    static final String ISSUER = "issuer";

    static final Duration CERTIFICATE_LIFE = Duration.ofDays(10 * 365);

    private final Genesis genesis;
    private final Host host;
    private final Envelopes envelopes;
    private final InstantSource clock;
    private final SpreadStatements statements;
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
    private final List<AutoCloseable> offers = new ArrayList<>();

    /// @param folder where all of it is kept, with the genesis document in it
    Membership(
            Path folder,
            Host host,
            PubSub pubSub,
            Envelopes envelopes,
            InstantSource clock,
            Collection<StatementAuthority> authorities)
            throws IOException {
        this.genesis = Genesis.parse(Files.readAllBytes(folder.resolve(GENESIS)));
        this.host = host;
        this.envelopes = envelopes;
        this.clock = clock;
        this.audit = new AuditLog(folder.resolve("audit.log"));
        this.statements = new SpreadStatements(
                genesis.network(),
                envelopes,
                clock,
                new StatementFile(folder.resolve("statements")),
                audit,
                authorities);
        this.rotation = new KeyRotation(folder, envelopes, network(), statements);
        rotation.finish();
        this.tickets = new Tickets(folder.resolve("tickets"), envelopes);
        this.proof = new MembershipProof(network().id(), envelopes, statements);
        this.exchange = new StatementExchange(host, statements);
        var heads = new AuditHeads(audit, envelopes, folder.resolve("audit-heads"));
        this.check = new AuditCheck(host, audit, heads, this::member);
        this.presence = new HeardMembers(
                host,
                pubSub.join("/mycelium/%s/presence".formatted(network().id())),
                peer -> statements.read(book -> book.members().isMember(peer)),
                heads,
                folder);
        this.renewal = new CertificateRenewal(this, envelopes.self(), clock);
        this.connections = new MemberConnections(host, this::others, presence, issuer(folder.resolve(ISSUER)));
        this.topic = pubSub.join("/mycelium/%s/statements".formatted(network().id()));
    }

    private static Map<PeerId, List<Multiaddr>> issuer(Path file) throws IOException {
        Map<PeerId, List<Multiaddr>> found = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ", 2);
                found.computeIfAbsent(PeerId.parse(words[0]), peer -> new ArrayList<>())
                        .add(Multiaddr.parse(words[1]));
            }
        }
        return found;
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
        offers.add(statements.listen(this::dropFormer));
        statements.spread(topic);
        exchange.start();
    }

    /// Once the other side's proof can be judged here, and this node's own is offered.
    void connect() {
        presence.start();
        connections.start();
        renewal.start();
    }

    private List<Member> others() {
        return members().stream()
                .filter(member -> !member.revoked() && !member.peer().equals(envelopes.self()))
                .toList();
    }

    /// Revoked, or replaced by another key.
    private void dropFormer(Statement statement) {
        boolean about = switch (statement.kind()) {
            case MemberCodec.KIND -> MemberCodec.terms(statement.body()).revoked();
            case RotationCodec.KIND -> true;
            default -> false;
        };
        if (about) {
            Thread.startVirtualThread(() -> host.connections().stream()
                    .map(Connection::peer)
                    .filter(peer -> statements.read(book -> book.members().isFormer(peer)))
                    .forEach(host::disconnect));
        }
    }

    MembershipProof proof() {
        return proof;
    }

    HeardMembers presence() {
        return presence;
    }

    SpreadStatements statements() {
        return statements;
    }

    Network network() {
        return genesis.network();
    }

    AuditLog audit() {
        return audit;
    }

    AuditCheck check() {
        return check;
    }

    List<Member> members() {
        return statements.read(book -> book.members().all());
    }

    Optional<Member> member(PeerId peer) {
        return statements.read(book -> book.members().member(peer));
    }

    /// Makes a certificate.
    void certify(PeerId peer, MemberCodec.Terms terms) throws IdentityException {
        statements.publish(MemberCodec.KIND, peer.toString(), MemberCodec.body(terms), CERTIFICATE_LIFE);
    }

    String invite(Invitation invitation) throws IdentityException {
        Instant now = clock.instant();
        if (!statements.read(book -> book.members().isOperator(envelopes.self(), now))) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node is no operator of %s: ask one to invite."
                            .formatted(network().name()));
        }
        if (invitation.uses() < 1 || invitation.life().isNegative()) {
            throw new IdentityException(Kind.INVALID, "A ticket is good for one use or more, and for some time.");
        }
        List<Multiaddr> addresses = host.addresses();
        var terms = new MemberCodec.Terms("?", invitation.access(), invitation.roles(), invitation.labels(), false);
        String ticket = tickets.make(
                network().id(), addresses, now.plus(invitation.life()), invitation.uses(), MemberCodec.body(terms));
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

    @Override
    public Tickets.Ticket read(String ticket) throws IdentityException {
        return Tickets.read(envelopes, ticket);
    }

    @Override
    public JoinProtocol.Welcome welcome(Tickets.Ticket ticket, Stream from, String name) throws IdentityException {
        PeerId peer = from.peer();
        Instant now = clock.instant();
        if (member(peer).filter(Member::revoked).isPresent()) {
            throw new IdentityException(Kind.DENIED, "This node's membership was revoked");
        }
        MemberCodec.Terms terms = MemberCodec.terms(
                MemberCodec.body(MemberCodec.terms(ticket.terms()).named(name)));
        if (MemberNames.isTaken(name, peer, members())) {
            throw new IdentityException(
                    Kind.DENIED, "The name %s is another member's; join with another --name".formatted(name));
        }
        tickets.use(ticket, network().id(), now);
        if (member(peer).filter(m -> !m.formerKeys().isEmpty()).isPresent()) {
            // Operators gave this key the place of one that was lost: it comes back as who it was.
            audit.append(now, "admit", "%s again".formatted(peer));
        } else {
            certify(peer, terms);
            audit.append(now, "admit", "%s as %s, %s access".formatted(peer, name, terms.access()));
        }
        LOG.log(Level.INFO, "admitted {0} as {1} to {2}", peer, name, network().name());
        List<byte[]> all = new ArrayList<>();
        statements.whole().stream().map(SignedStatement::toBytes).forEach(all::add);
        return new JoinProtocol.Welcome(genesis.bytes(), all);
    }

    void revoke(PeerId peer) throws IdentityException {
        PeerId newest = statements.read(book -> book.members().keys().newest(peer));
        certify(newest, certificate(newest).takenBack());
        audit.append(clock.instant(), "revoke", newest.toString());
    }

    /// What a member's certificate says.
    private MemberCodec.Terms certificate(PeerId peer) throws IdentityException {
        return statements
                .read(book -> book.members().certificate(peer))
                .map(certificate -> MemberCodec.terms(certificate.statement().body()))
                .orElseThrow(() ->
                        new IdentityException(Kind.NOT_FOUND, peer + " is no member; `network members` shows them."));
    }

    /// The same certificate, for longer.
    void renew(Member member) throws IdentityException {
        certify(member.peer(), certificate(member.peer()));
        audit.append(clock.instant(), "renew", member.peer().toString());
    }

    PeerId rotateKey(NodeKeys keys) throws IdentityException {
        return rotation.rotate(keys, clock.instant());
    }

    Statement recover(PeerId lost, PeerId next) throws IdentityException {
        certificate(lost);
        return statements.publish(RotationCodec.KIND, lost.toString(), RotationCodec.body(next), KeyRotation.FOREVER);
    }

    @Override
    public void close() {
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
