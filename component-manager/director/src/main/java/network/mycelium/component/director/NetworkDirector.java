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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director;
import network.mycelium.component.Roles;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/// Looks at the directives and at who is there whenever one of them changes, and once a second, and does this
/// node's part. What it last decided needs nobody else: without any network the same components come up
/// again.
@Component(configurationPid = DirectorConfig.PID)
@Designate(ocd = DirectorConfig.class)
public final class NetworkDirector implements Director {
    private static final Logger LOG = System.getLogger(NetworkDirector.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(1);
    /// A directive changes what every member tells of itself, within a moment; one look is enough for many of
    /// those.
    private static final Duration GATHER = Duration.ofMillis(250);
    /// A node that boots does not hear all at once; until then it does not take over what others run.
    private static final Duration SETTLE = Duration.ofSeconds(4);
    /// How long a directive that selects nobody, or versions that no index lists, waits for news before it is
    /// refused.
    private static final Duration NEWS = Duration.ofSeconds(3);

    private final Host host;
    private final NetworkIdentity identity;
    private final Statements statements;
    private final Said said;
    private final Presence presence;
    private final NetworkRoles roles;
    private final RepositoryIndex indexes;
    private final Maintenance maintenance;
    private final Obedience obedience;
    private final Resources resources = Machine.resources();
    private final HeapGuard heap = new HeapGuard();
    private final Sight sight;
    private final Steady steady;
    private final Rollouts rollouts;
    private final Direction direction;
    private final Duration alone;
    private final long booted;
    private final Thread thread;
    private final long startedNanos = System.nanoTime();
    private final List<AutoCloseable> listening = new ArrayList<>();
    private byte[] lastReport = {};
    private boolean hasHeard;
    private List<Ignored> lastIgnored = List.of();
    private volatile Direction.Outcome outcome = new Direction.Outcome(List.of(), Set.of(), Map.of(), List.of());
    private volatile List<Heard> living = List.of();
    private volatile boolean directed;
    private volatile boolean closed;

    @Activate
    public NetworkDirector(
            BundleContext context,
            DirectorConfig config,
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
        this.said = new Said(statements);
        this.presence = presence;
        this.roles = roles;
        this.indexes = indexes;
        this.booted = Long.parseLong(context.getProperty("mycelium.start"));
        Path state = Path.of(context.getProperty("mycelium.home"), "state");
        this.maintenance = new Maintenance(state.resolve("maintenance"), InstantSource.system());
        this.obedience = new Obedience(manager, indexes::sources, this::failed, System::nanoTime);
        this.sight = new Sight(host.id(), identity, presence, roles, maintenance::until);
        this.steady = new Steady(
                TimeUnit.SECONDS.toMillis(Math.clamp(config.patience_seconds(), 0, DirectorConfig.MAX_PATIENCE)));
        this.alone = Duration.ofSeconds(Math.clamp(config.alone_seconds(), 0, DirectorConfig.MAX_ALONE));
        var trials = new TrialFile(state.resolve("rollouts"));
        this.rollouts = new Rollouts(trials.read(), trials, booted, heap::trouble);
        this.direction = new Direction(rollouts);
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
        heap.watch(() -> {
            directed = true;
            LockSupport.unpark(thread);
        });
    }

    private void run() {
        while (!closed) {
            long begun = System.nanoTime();
            directed = false;
            try {
                look();
            } catch (OutOfMemoryError e) {
                // First, for also to tell takes memory. The version that takes it all must be taken back.
                heap.exhausted();
                LOG.log(Level.WARNING, "this node has no memory left", e);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "this node could not do what it is directed to; it tries again", e);
            }
            await(begun);
        }
    }

    private void look() {
        Map<String, Member> members = sight.members();
        List<Heard> heard = sight.heard();
        Duration up = Duration.ofNanos(System.nanoTime() - startedNanos);
        hasHeard |= heard.stream().filter(one -> Heard.takesPart(one.member())).count() > 1
                || members.values().stream().distinct().filter(Heard::takesPart).count() <= 1
                || up.compareTo(alone) >= 0;
        living = steady.look(
                Sight.nowMillis(),
                heard,
                members.values().stream()
                        .map(member -> member.peer().toString())
                        .collect(Collectors.toSet()));
        NetworkView view = sight.view(living, members, hasHeard && up.compareTo(SETTLE) >= 0);
        Said.Directives all = said.directives();
        OwnRoles own = ownRoles();
        outcome = direction.decide(all, own, view, hasHeard);
        tellIgnored();
        Optional<Instant> maintained = maintenance.until();
        if (maintained.isPresent()) {
            obedience.keep(outcome.wanted(), outcome.elsewhere());
        } else {
            obedience.obey(outcome.wanted(), outcome.elsewhere());
        }
        report(own, maintained);
    }

    private void report(OwnRoles own, Optional<Instant> maintained) {
        List<Running> running = obedience.running();
        Set<String> taken = own.taken(running);
        Map<String, String> untaken = own.untaken(running, outcome.elsewhere());
        running.addAll(rollouts.report());
        byte[] report = new NodeState(running, maintained, taken, untaken, resources).toBytes();
        if (!Arrays.equals(report, lastReport)) {
            lastReport = report;
            presence.report(report);
        }
    }

    /// Once each.
    private void tellIgnored() {
        List<Ignored> now = ignored();
        now.stream()
                .filter(one -> !lastIgnored.contains(one))
                .forEach(one ->
                        LOG.log(Level.WARNING, "{0} {1} is not followed: {2}", one.kind(), one.key(), one.why()));
        lastIgnored = now;
    }

    private OwnRoles ownRoles() {
        List<Roles.Role> defined = roles.roles();
        Duration uptime = Duration.ofMillis(System.currentTimeMillis() - booted);
        return new OwnRoles(
                defined,
                identity.member(host.id())
                        .map(member -> roles.entitled(
                                member,
                                defined,
                                role -> role.rule()
                                        .filter(rule -> OwnRoles.meets(rule, uptime, resources, member.access()))
                                        .isPresent()))
                        .orElse(Set.of()));
    }

    /// Until something changed or the period is over: what is directed counts at once, what members tell a
    /// moment later.
    private void await(long begun) {
        if (!closed && !directed) {
            LockSupport.parkNanos(PERIOD.toNanos());
        }
        for (long wait; !closed && !directed && (wait = begun + GATHER.toNanos() - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(wait);
        }
    }

    /// Only while versions change in waves; else what fails is tried again.
    private void failed(Wanted tried, String why) {
        said.directives().given().stream()
                .filter(d -> d.component().equals(tried.component()) && d.sequence() == tried.number())
                .filter(d -> d.rollout().isPresent() && d.versions().equals(tried.versions()))
                .forEach(d -> rollouts.reject(d, why));
    }

    @Override
    public List<String> placement(Directive directive) {
        return Placement.among(directive, living);
    }

    @Override
    public Directive direct(Directive directive, boolean force) throws RefusedException {
        Directive ready = directive;
        try {
            DirectiveCodec.body(directive);
            List<String> against = force ? List.of() : objections(directive);
            if (!against.isEmpty()) {
                throw new RefusedException(String.join("\n", against) + "\n--force directs it anyway.", null);
            }
            ready = ordered(directive, sight.heard());
        } catch (IllegalArgumentException e) {
            throw new RefusedException(e.getMessage(), e);
        }
        Directive signed = ready;
        Duration life = Duration.between(Instant.now(), directive.expires());
        return DirectiveCodec.directive(Signing.publish(
                        statements, DirectiveCodec.KIND, signed.component(), () -> DirectiveCodec.body(signed), life))
                .orElseThrow();
    }

    /// What was just published elsewhere, or who just joined, takes a moment to be known here.
    private List<String> objections(Directive directive) {
        long until = System.nanoTime() + NEWS.toNanos();
        List<String> against;
        while (!(against = Objections.to(directive, sight.heard(), Offers.of(indexes))).isEmpty()
                && until - System.nanoTime() > 0
                && !closed
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(GATHER.toNanos());
        }
        return against;
    }

    /// With the order in which the nodes change that are there now.
    private static Directive ordered(Directive directive, List<Heard> heard) throws RefusedException {
        Directive.Rollout rollout = directive.rollout().orElse(null);
        if (rollout == null || !rollout.order().isEmpty()) {
            return directive;
        }
        List<String> order = Waves.order(directive, Placement.among(directive, heard));
        if (order.isEmpty()) {
            throw new RefusedException("A roll-out begins with nodes that are there, and it selects none.", null);
        }
        return directive.with(rollout.of(order));
    }

    @Override
    public void withdraw(String component) throws RefusedException {
        Said.Directives all = said.directives();
        if (all.given().stream().noneMatch(d -> d.component().equals(component))
                && !Said.unreadable(all).contains(component)) {
            throw new RefusedException(
                    "Nothing is directed about %s; there is: %s."
                            .formatted(
                                    component,
                                    all.given().stream()
                                            .map(Directive::component)
                                            .collect(Collectors.joining(", "))),
                    null);
        }
        Signing.publish(statements, DirectiveCodec.KIND, component, DirectiveCodec::withdrawal, Signing.FOREVER);
    }

    @Override
    public List<Directive> directives() {
        return said.directives().given();
    }

    @Override
    public String course(Directive directive) {
        return outcome.courses().getOrDefault(directive.component(), "");
    }

    @Override
    public List<Ignored> ignored() {
        List<Ignored> all = said.ignored();
        all.addAll(outcome.ignored());
        for (Heard one : living) {
            if (!one.state().problem().isEmpty()) {
                all.add(new Ignored(
                        "report",
                        one.member().name(),
                        List.of(one.peer()),
                        one.state().problem()));
            }
        }
        return List.copyOf(all.subList(0, Math.min(all.size(), Said.MAX_IGNORED)));
    }

    @Override
    public List<NodeReport> nodes() {
        Map<String, Heard> heard = new HashMap<>();
        sight.heard().forEach(one -> heard.put(one.peer(), one));
        List<NodeReport> all = new ArrayList<>();
        for (Member member : new HashSet<>(sight.members().values())) {
            String peer = member.peer().toString();
            Heard one = heard.getOrDefault(peer, new Heard(member, NodeState.UNKNOWN, Set.of(), false, 0));
            all.add(new NodeReport(
                    peer,
                    member.name(),
                    heard.containsKey(peer),
                    one.state().maintenance(),
                    one.roles(),
                    one.state().untaken(),
                    one.state().running(),
                    one.state().leftOut()));
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
        heap.close();
        rollouts.close();
        obedience.releaseAll();
    }
}
