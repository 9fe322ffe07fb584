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
import java.util.Optional;
import java.util.stream.Collectors;
import network.mycelium.files.AtomicFiles;
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PubSub;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Which network this node belongs to, by the folder `state/network`.
@Component(immediate = true)
public final class IdentityProvider implements NetworkIdentity {
    private static final Logger LOG = System.getLogger(IdentityProvider.class.getName());

    /// Makes services of what there is while the node is in a network; plain Java in tests.
    interface Registry {
        /// @return takes them back
        Runnable register(Admission admission, Statements statements, Charters charters, Presence presence);
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
                (admission, statements, charters, presence) -> {
                    List<ServiceRegistration<?>> all = new ArrayList<>();
                    all.add(context.registerService(Admission.class, admission, null));
                    all.add(context.registerService(Statements.class, statements, null));
                    all.add(context.registerService(Charters.class, charters, null));
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

    private void begin() throws IOException {
        membership = new Membership(folder, host, pubSub, envelopes, clock);
        membership.start();
        registered = registry.register(
                membership.proof(), membership.statements(), membership.charters(), membership.presence());
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
    public synchronized Founding init(String name, boolean recovery) throws IdentityException {
        checkFree();
        try {
            Founded founded = Founded.make(name, NodeSigner.key(envelopes.self()), clock.instant(), recovery);
            AtomicFiles.createFolders(folder);
            AtomicFiles.writePrivate(folder.resolve(Membership.GENESIS), founded.genesis());
            found(name);
            return new Founding(membership.network(), founded.codes());
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, e.getMessage() + ".", e);
        } catch (IOException e) {
            throw storage(e);
        }
    }

    /// Whole or not at all: a network whose codes nobody has seen could never be amended.
    private void found(String name) throws IOException, IdentityException {
        boolean done = false;
        try {
            begin();
            membership.certifyFounder(Founded.FOUNDER);
            membership
                    .audit()
                    .append(
                            clock.instant(),
                            "init",
                            name + " " + membership.network().id());
            done = true;
        } finally {
            if (!done) {
                end();
            }
        }
    }

    @Override
    public byte[] genesis() throws IdentityException {
        return membership().documents().genesis().bytes();
    }

    @Override
    public ExportedCharter signExported(byte[] exported, List<String> codes) throws IdentityException {
        return Exported.signed(exported, codes);
    }

    @Override
    public void alone() throws IdentityException {
        membership().statements().compared();
        membership().audit().append(clock.instant(), "alone", "");
    }

    /// Also that nothing is left of a network that was joined or left by halves.
    private void checkFree() throws IdentityException {
        if (membership != null) {
            throw new IdentityException(
                    Kind.STATE,
                    "This node is a member of %s already; `network leave` first, or give another node its own home."
                            .formatted(membership.network().name()));
        }
        if (Files.exists(folder.resolve(Membership.GENESIS))) {
            throw new IdentityException(
                    Kind.STATE,
                    "This node belongs to a network in which it cannot take its place (`node log` says why);"
                            + " `network leave` forgets it.");
        }
        try {
            clear();
        } catch (IOException e) {
            throw storage(e);
        }
    }

    private void clear() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
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
            AtomicFiles.createFolders(folder);
            Welcomed.check(welcome, ticket, new NodeSigner(envelopes), clock).keep(folder);
            // Whoever is killed at once finds the way back.
            AtomicFiles.writePrivate(folder.resolve(Membership.ISSUER), way(ticket));
            AtomicFiles.writePrivate(folder.resolve(Membership.GENESIS), welcome.genesis());
            begin();
            membership
                    .audit()
                    .append(clock.instant(), "join", membership.network().name() + " by " + ticket.issuer());
            connectTo(ticket);
            return membership.network();
        } catch (IOException e) {
            throw storage(e);
        }
    }

    @Override
    public synchronized Network recoverNetwork(byte[] genesis, Multiaddr address, String name, List<String> codes)
            throws IdentityException {
        checkFree();
        PeerId peer = address.peer()
                .orElseThrow(() -> new IdentityException(
                        Kind.INVALID, "%s does not end in /p2p/ID, so it names no member.".formatted(address)));
        Welcomed.genesis(genesis);
        boolean done = false;
        try {
            AtomicFiles.createFolders(folder);
            AtomicFiles.writePrivate(folder.resolve(Membership.GENESIS), genesis);
            begin();
            // The member refuses this node, but only after it gave the charters: one on an old charter would be a fork.
            if (!agrees(peer, address)) {
                throw new IdentityException(
                        Kind.UNREACHABLE,
                        "No charters came from %s: it must run and be of this network.".formatted(address));
            }
            membership.statements().compared();
            // What the lost one said holds on, and comes with the statements; it can be listed after.
            var proposal = membership.charters().propose(new Charters.Change.Add(name, envelopes.self(), true), codes);
            if (proposal.missing() > 0) {
                throw new IdentityException(
                        Kind.DENIED, "%d more signatures are missing: give more codes.".formatted(proposal.missing()));
            }
            agrees(peer, address);
            done = true;
            return membership.network();
        } catch (IOException e) {
            throw storage(e);
        } finally {
            if (!done && membership != null) {
                end();
            }
        }
    }

    /// @return whether this node and a member follow the same charters now
    private boolean agrees(PeerId peer, Multiaddr address) {
        long before = membership.proof().agreements();
        try {
            host.connect(peer, List.of(address.withoutPeer()));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0}: {1}", address, e.getMessage());
        }
        return membership.proof().agreements() > before;
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
        // One of a format that is not read is left, too.
        if (!Files.exists(folder.resolve(Membership.GENESIS))) {
            membership();
        }
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
        try {
            clear();
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
    public synchronized PeerId rotateKey(List<String> codes) throws IdentityException {
        return membership().rotateKey(keys, codes);
    }

    @Override
    public Statement recover(PeerId lost, PeerId next) throws IdentityException {
        return membership().recover(lost, next);
    }

    @Override
    public Statement confirm(PeerId member) throws IdentityException {
        return membership().confirm(member);
    }

    @Override
    public Statement readmit(PeerId id, PeerId next) throws IdentityException {
        return membership().readmit(id, next);
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
