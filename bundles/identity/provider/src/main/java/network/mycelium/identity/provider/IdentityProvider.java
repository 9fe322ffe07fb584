package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Member;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.StatementAuthority;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PubSub;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// Which network this node belongs to, by the folder `state/network`.
@Component(immediate = true)
public final class IdentityProvider implements NetworkIdentity {
    private static final Logger LOG = System.getLogger(IdentityProvider.class.getName());

    /// Makes services of what there is while the node is in a network; plain Java in tests.
    interface Registry {
        /// @return takes them back
        Runnable register(Admission admission, Statements statements, Presence presence);
    }

    private final Path folder;
    private final Host host;
    private final PubSub pubSub;
    private final Envelopes envelopes;
    private final NodeKeys keys;
    private final InstantSource clock;
    private final Registry registry;
    /// Changed under the lock; read without it, by whoever comes with the services.
    private volatile Membership membership;

    private final List<StatementAuthority> authorities = new CopyOnWriteArrayList<>();
    private boolean closed;
    private Runnable registered = () -> {};

    @Activate
    public IdentityProvider(
            BundleContext context,
            @Reference Host host,
            @Reference PubSub pubSub,
            @Reference Envelopes envelopes,
            @Reference NodeKeys keys) {
        this(
                Path.of(context.getProperty("mycelium.home"), "state", "network"),
                host,
                pubSub,
                envelopes,
                keys,
                InstantSource.system(),
                (admission, statements, presence) -> {
                    List<ServiceRegistration<?>> all = new ArrayList<>();
                    all.add(context.registerService(Admission.class, admission, null));
                    all.add(context.registerService(Statements.class, statements, null));
                    all.add(context.registerService(Presence.class, presence, null));
                    return () -> all.forEach(ServiceRegistration::unregister);
                });
    }

    /// Who comes with the services of a member asks for this one, so this one must be there first.
    @Activate
    void activate() {
        Thread.ofVirtual().name("identity").start(() -> {
            try {
                resume();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "this node cannot take its place in its network: " + e.getMessage(), e);
            }
        });
    }

    /// Goes on as the member that this node was.
    synchronized void resume() throws IOException {
        if (!closed && Files.exists(folder.resolve(Membership.GENESIS))) {
            begin();
        }
    }

    IdentityProvider(
            Path folder,
            Host host,
            PubSub pubSub,
            Envelopes envelopes,
            NodeKeys keys,
            InstantSource clock,
            Registry registry) {
        this.folder = folder;
        this.host = host;
        this.pubSub = pubSub;
        this.envelopes = envelopes;
        this.keys = keys;
        this.clock = clock;
        this.registry = registry;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addAuthority(StatementAuthority authority) {
        authorities.add(authority);
        current().ifPresent(member -> {
            try {
                member.statements().reconsider();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "what is kept cannot be read: " + e.getMessage(), e);
            }
        });
    }

    void removeAuthority(StatementAuthority authority) {
        authorities.remove(authority);
    }

    private void begin() throws IOException {
        membership = new Membership(folder, host, pubSub, envelopes, clock, authorities);
        membership.start();
        registered = registry.register(membership.proof(), membership.statements(), membership.presence());
        LOG.log(
                Level.INFO,
                "a member of {0}, network {1}",
                membership.network().name(),
                membership.network().id());
        membership.connect();
    }

    private Membership membership() throws IdentityException {
        return current()
                .orElseThrow(() -> new IdentityException(
                        Kind.STATE,
                        "This node belongs to no network; `network init` makes one, `network join` joins one."));
    }

    private Optional<Membership> current() {
        return Optional.ofNullable(membership);
    }

    @Override
    public Optional<Network> network() {
        return current().map(Membership::network);
    }

    @Override
    public synchronized Network init(String name, int threshold) throws IdentityException {
        checkFree();
        try {
            Genesis genesis = Genesis.make(name, clock.instant(), envelopes.self(), threshold);
            StatementFile.replace(folder.resolve(Membership.GENESIS), genesis.bytes());
            begin();
            membership.certify(
                    envelopes.self(),
                    new MemberCodec.Terms("founder", Access.FULL, List.of("sclerotium"), Map.of(), false));
            membership
                    .audit()
                    .append(
                            clock.instant(),
                            "init",
                            name + " " + genesis.network().id());
            return genesis.network();
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, e.getMessage() + ".", e);
        } catch (IOException e) {
            throw storage(e);
        }
    }

    private void checkFree() throws IdentityException {
        if (membership != null) {
            throw new IdentityException(
                    Kind.STATE,
                    "This node is a member of %s already; `network leave` first, or give another node its own home."
                            .formatted(membership.network().name()));
        }
    }

    private IdentityException storage(IOException e) {
        return new IdentityException(Kind.STORAGE, "%s cannot be used: %s".formatted(folder, e), e);
    }

    @Override
    public String invite(Invitation invitation) throws IdentityException {
        return membership().invite(invitation);
    }

    @Override
    public synchronized Network join(String text, String name) throws IdentityException {
        checkFree();
        Tickets.Ticket ticket = Tickets.read(envelopes, text.strip());
        JoinProtocol.Welcome welcome = askIssuer(ticket, text.strip(), name);
        try {
            Genesis genesis = Genesis.parse(welcome.genesis());
            if (!genesis.network().id().equals(ticket.network())) {
                throw new IdentityException(
                        Kind.INVALID, "The node that was asked speaks for another network than the ticket does.");
            }
            var file = new StatementFile(folder.resolve("statements"));
            file.rewrite(welcome.statements());
            // Whoever is killed at once finds the way back.
            StatementFile.replace(folder.resolve(Membership.ISSUER), way(ticket));
            StatementFile.replace(folder.resolve(Membership.GENESIS), genesis.bytes());
            begin();
            if (!membership.statements().read(book -> book.members().isMember(envelopes.self()))) {
                end();
                throw new IdentityException(
                        Kind.INVALID,
                        "The certificate that came for the ticket is not valid: its issuer may not admit.");
            }
            membership.audit().append(clock.instant(), "join", genesis.network().name() + " by " + ticket.issuer());
            connectTo(ticket);
            return genesis.network();
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "The answer to the ticket is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw storage(e);
        }
    }

    private static byte[] way(Tickets.Ticket ticket) {
        return ticket.addresses().stream()
                .map(address -> "%s %s\n".formatted(ticket.issuer(), address.withoutPeer()))
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private void connectTo(Tickets.Ticket ticket) {
        try {
            host.connect(ticket.issuer(), ticket.addresses());
        } catch (IOException e) {
            // A member all the same; the members that are known are sought again and again.
            LOG.log(Level.WARNING, "the node that made the ticket went away: {0}", e.getMessage());
        }
    }

    private JoinProtocol.Welcome askIssuer(Tickets.Ticket ticket, String text, String name) throws IdentityException {
        Connection connection;
        try {
            connection = host.connect(ticket.issuer(), ticket.addresses());
        } catch (IOException e) {
            throw new IdentityException(
                    Kind.UNREACHABLE,
                    "The node that made the ticket is not reached: %s. It must run to let you in."
                            .formatted(e.getMessage()),
                    e);
        }
        try {
            return JoinProtocol.ask(connection, text, name);
        } finally {
            // What was a stranger's connection becomes a member's by a new one.
            connection.close();
        }
    }

    @Override
    public synchronized void leave() throws IdentityException {
        membership();
        end();
    }

    private void end() throws IdentityException {
        try {
            // First, for by it everybody tells whether this node belongs to a network.
            Files.deleteIfExists(folder.resolve(Membership.GENESIS));
        } catch (IOException e) {
            throw storage(e);
        }
        stop();
        host.connections().forEach(Connection::close);
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw storage(e);
        }
    }

    @Override
    public List<Member> members() {
        return current().map(Membership::members).orElse(List.of());
    }

    @Override
    public Optional<Member> member(PeerId peer) {
        return current().flatMap(m -> m.member(peer));
    }

    @Override
    public void revoke(PeerId peer) throws IdentityException {
        membership().revoke(peer);
    }

    @Override
    public synchronized PeerId rotateKey() throws IdentityException {
        return membership().rotateKey(keys);
    }

    @Override
    public Statement recover(PeerId lost, PeerId next) throws IdentityException {
        return membership().recover(lost, next);
    }

    @Override
    public List<AuditEntry> audit() throws IdentityException {
        return membership().audit().read();
    }

    @Override
    public List<AuditWitness> checkAudit() throws IdentityException {
        return membership().check().check();
    }

    @Override
    public void note(Deed deed) throws IdentityException {
        Optional<Membership> member = current();
        if (member.isPresent()) {
            member.get().audit().append(clock.instant(), deed);
        }
    }

    @Deactivate
    synchronized void deactivate() {
        closed = true;
        stop();
    }

    private void stop() {
        registered.run();
        registered = () -> {};
        if (membership != null) {
            membership.close();
            membership = null;
        }
    }
}
