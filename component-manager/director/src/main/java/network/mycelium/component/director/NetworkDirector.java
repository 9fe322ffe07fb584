package network.mycelium.component.director;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// Looks at the directives and at who is there whenever one of them changes, and once a second, and does this node's
/// part. What it last decided needs nobody else: without any network the same components come up again.
@Component
public final class NetworkDirector implements Director {
    private static final Logger LOG = System.getLogger(NetworkDirector.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(1);
    /// A directive changes what every member tells of itself, within a moment; one look is enough for many of those.
    private static final Duration GATHER = Duration.ofMillis(250);
    /// A node that boots hears nobody at first; until then it does not take over what others run.
    private static final Duration SETTLE = Duration.ofSeconds(4);

    private final Host host;
    private final NetworkIdentity identity;
    private final Statements statements;
    private final Presence presence;
    private final NetworkRoles roles;
    private final OwnRoles ownRoles;
    private final Maintenance maintenance;
    private final Obedience obedience;
    private final Resources resources = Machine.resources();
    private final Rollouts rollouts = new Rollouts(System::nanoTime, new HeapGuard()::trouble);
    private final Thread thread;
    private final long started = System.nanoTime();
    private final List<AutoCloseable> listening = new ArrayList<>();
    private byte[] lastReport = {};
    private volatile boolean directed;
    private volatile boolean closed;

    @Activate
    public NetworkDirector(
            BundleContext context,
            @Reference Host host,
            @Reference NetworkIdentity identity,
            @Reference Statements statements,
            @Reference Presence presence,
            @Reference NetworkRoles roles,
            @Reference ComponentManager manager,
            @Reference RepositoryIndex indexes) {
        this.host = host;
        this.identity = identity;
        this.statements = statements;
        this.presence = presence;
        this.roles = roles;
        long booted = Long.parseLong(context.getProperty("mycelium.start"));
        this.ownRoles = new OwnRoles(
                roles,
                () -> identity.member(host.id()),
                () -> Duration.ofMillis(System.currentTimeMillis() - booted),
                resources);
        this.maintenance = new Maintenance(
                Path.of(context.getProperty("mycelium.home"), "state", "maintenance"), InstantSource.system());
        this.obedience = new Obedience(manager, indexes::sources, this::failed);
        this.thread = Thread.ofVirtual().name("director").unstarted(this::run);
    }

    @Activate
    void activate() {
        listening.add(statements.listen(statement -> {
            directed = true;
            LockSupport.unpark(thread);
        }));
        listening.add(presence.listen(() -> LockSupport.unpark(thread)));
        thread.start();
    }

    private void run() {
        while (!closed) {
            long begun = System.nanoTime();
            directed = false;
            try {
                List<Directive> all = directives();
                boolean settled = System.nanoTime() - started > SETTLE.toNanos();
                List<Directive> mine = mine(all, settled);
                Set<String> elsewhere = settled ? elsewhere(all, mine) : Set.of();
                Optional<Instant> maintained = maintenance.until();
                if (maintained.isPresent()) {
                    obedience.keep(mine, elsewhere);
                } else {
                    obedience.obey(mine, elsewhere);
                }
                List<Running> running = obedience.running(mine);
                Set<String> taken = ownRoles.taken(running);
                running.addAll(rollouts.report());
                byte[] report = new NodeState(running, maintained, taken, resources).toBytes();
                if (!Arrays.equals(report, lastReport)) {
                    lastReport = report;
                    presence.report(report);
                }
            } catch (RuntimeException | OutOfMemoryError e) {
                // Out of memory, for the version that takes it all must be taken back nevertheless.
                LOG.log(Level.WARNING, "this node could not do what it is directed to; it tries again", e);
            }
            await(begun);
        }
    }

    /// Until something changed or the period is over: what is directed counts at once, what members tell a moment
    /// later.
    private void await(long begun) {
        if (!closed && !directed) {
            LockSupport.parkNanos(PERIOD.toNanos());
        }
        for (long wait; !closed && !directed && (wait = begun + GATHER.toNanos() - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(wait);
        }
    }

    /// What should run here, the most important first.
    private List<Directive> mine(List<Directive> all, boolean settled) {
        String self = host.id().toString();
        List<Living> living = living();
        Map<String, List<Running>> reports = new HashMap<>();
        living.forEach(one -> reports.put(one.member.peer().toString(), one.state.running()));
        List<Directive> mine = new ArrayList<>();
        for (Directive directive : all) {
            if (settled || directive.concernsAll()) {
                List<String> placed = placement(directive, living);
                if (placed.contains(self)) {
                    mine.add(rollouts.now(directive, placed, reports, self));
                }
            }
        }
        // What a directive keeps from some nodes a role does not bring back.
        mine.addAll(ownRoles.wanted(all));
        mine.sort(Comparator.comparingInt(Directive::priority).reversed());
        return mine;
    }

    /// What directives speak of and do not place here.
    private static Set<String> elsewhere(List<Directive> all, List<Directive> mine) {
        Set<String> elsewhere = new TreeSet<>();
        all.forEach(d -> elsewhere.add(d.component()));
        mine.forEach(d -> elsewhere.remove(d.component()));
        return elsewhere;
    }

    /// A member that is heard, what it says of itself, and the roles that it has.
    private record Living(Member member, NodeState state, Set<String> roles) {}

    private List<Living> living() {
        NetworkRoles.View view = roles.view();
        List<Living> all = new ArrayList<>();
        for (Presence.Present present : presence.present()) {
            identity.member(present.peer())
                    .ifPresent(member -> all.add(new Living(member, NodeState.of(present), view.of(member))));
        }
        return all;
    }

    /// Only while versions change in waves; else what fails is tried again.
    private void failed(Directive tried, String why) {
        directives().stream()
                .filter(d -> d.component().equals(tried.component()) && d.sequence() == tried.sequence())
                .filter(d -> d.rollout().isPresent() && d.versions().equals(tried.versions()))
                .forEach(d -> rollouts.reject(d, why));
    }

    @Override
    public List<String> placement(Directive directive) {
        return placement(directive, living());
    }

    private List<String> placement(Directive directive, List<Living> living) {
        List<String> selected = living.stream()
                .filter(one -> one.member.access().compareTo(Member.Access.STANDARD) >= 0)
                .filter(one -> directive.selector().selects(one.roles, one.member.labels(), one.state.resources()))
                .filter(one -> directive.concernsAll() || !isMaintained(one))
                .map(one -> one.member.peer().toString())
                .toList();
        return Placement.of(directive, selected);
    }

    private boolean isMaintained(Living one) {
        // What this node told last may be a second old.
        Optional<Instant> until = one.member.peer().equals(host.id()) ? maintenance.until() : one.state.maintenance();
        return until.filter(end -> end.isAfter(Instant.now())).isPresent();
    }

    @Override
    public Directive direct(Directive directive) throws RefusedException {
        Duration life = Duration.between(Instant.now(), directive.expires());
        return DirectiveCodec.directive(Signing.publish(
                statements, DirectiveCodec.KIND, directive.component(), () -> DirectiveCodec.body(directive), life));
    }

    @Override
    public List<Directive> directives() {
        List<Directive> all = new ArrayList<>();
        for (Statement statement : statements.of(DirectiveCodec.KIND)) {
            try {
                all.add(DirectiveCodec.directive(statement));
            } catch (IllegalArgumentException | ArithmeticException e) {
                LOG.log(Level.WARNING, "the directive for {0} is not understood: {1}", statement.key(), e.getMessage());
            }
        }
        return all;
    }

    @Override
    public List<NodeReport> nodes() {
        Map<String, Living> living = new HashMap<>();
        living().forEach(one -> living.put(one.member.peer().toString(), one));
        List<NodeReport> all = new ArrayList<>();
        for (Member member : identity.members()) {
            String peer = member.peer().toString();
            if (!member.revoked()) {
                Living one = living.getOrDefault(peer, new Living(member, NodeState.UNKNOWN, Set.of()));
                all.add(new NodeReport(
                        peer,
                        member.name(),
                        living.containsKey(peer),
                        one.state.maintenance(),
                        one.roles,
                        one.state.running()));
            }
        }
        all.sort(Comparator.comparing(NodeReport::name).thenComparing(NodeReport::peer));
        return all;
    }

    @Override
    public void maintain(Optional<Instant> until) throws RefusedException {
        try {
            maintenance.set(until);
            LOG.log(Level.INFO, "maintenance: {0}", until.map(Instant::toString).orElse("over"));
            directed = true;
            LockSupport.unpark(thread);
        } catch (IOException e) {
            throw new RefusedException("Maintenance cannot be kept on disk: " + e, e);
        }
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        closed = true;
        LockSupport.unpark(thread);
        for (AutoCloseable one : listening) {
            try {
                one.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "a listener was not taken back", e);
            }
        }
        thread.join();
        obedience.releaseAll();
    }
}
