package network.mycelium.component.director;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Lease;
import network.mycelium.repository.RepositoryIndex.Source;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/// Brings this node to what the network directs: a lease for each component that should run here, none for the others.
/// What fails is tried again, later each time, and at once when other indexes are there, for a directive may come
/// sooner than the index that it needs. One thread at a time.
final class Obedience {
    private static final Logger LOG = System.getLogger(Obedience.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /// Told when a component that is directed does not work here.
    interface Failed {
        void failed(Directive directive, String why);
    }

    private record Held(Directive directive, Lease lease) {}

    private record Failure(String spec, String problem, long againAtNanos, Duration pause, List<Source> indexes) {}

    private final ComponentManager manager;
    /// By component. They end with this node, and are taken again from the directives when it boots.
    private final Map<String, Held> leases = new TreeMap<>();
    private final Map<String, Failure> failures = new HashMap<>();

    private final Supplier<List<Source>> indexes;
    private final Failed listener;

    /// @param indexes those that this node resolves against
    /// @param listener told whenever this node fails at what it is directed to
    Obedience(ComponentManager manager, Supplier<List<Source>> indexes, Failed listener) {
        this.manager = manager;
        this.indexes = indexes;
        this.listener = listener;
    }

    /// @param wanted what should run here
    /// @param elsewhere components that are directed and not to run here
    void obey(List<Directive> wanted, Set<String> elsewhere) {
        keep(wanted, elsewhere);
        failures.keySet()
                .removeIf(name -> wanted.stream().noneMatch(d -> d.component().equals(name)));
        wanted.forEach(this::run);
    }

    /// Gives up what should not run here any more, and begins nothing.
    void keep(List<Directive> wanted, Set<String> elsewhere) {
        for (String held : List.copyOf(leases.keySet())) {
            Optional<Directive> still =
                    wanted.stream().filter(d -> d.component().equals(held)).findFirst();
            if (still.isEmpty()) {
                LOG.log(Level.INFO, "{0} is no longer directed to run here", held);
                release(held);
                unloadUnheld(c -> c.name().equals(held));
            } else if (still.get().count() == Directive.ON_DEMAND) {
                LOG.log(Level.INFO, "{0} runs here for as long as somebody needs it", held);
                release(held);
            }
        }
        // What ran when this node died came back with it, and may have been directed away meanwhile.
        unloadUnheld(c -> elsewhere.contains(c.name()));
    }

    private void run(Directive directive) {
        String name = directive.component();
        Failure failure = failures.get(name);
        boolean same = failure != null && failure.spec.equals(directive.spec());
        if (same && System.nanoTime() - failure.againAtNanos < 0 && failure.indexes.equals(indexes.get())) {
            return;
        }
        try {
            replaceOther(directive);
            hold(directive);
            unloadUnheld(c -> c.name().equals(name) && !isAllowed(directive, c));
            failures.remove(name);
        } catch (ComponentException e) {
            Duration pause = same && failure.pause.multipliedBy(2).compareTo(LAST_RETRY) < 0
                    ? failure.pause.multipliedBy(2)
                    : same ? LAST_RETRY : FIRST_RETRY;
            failures.put(
                    name,
                    new Failure(
                            directive.spec(),
                            e.getMessage(),
                            System.nanoTime() + pause.toNanos(),
                            pause,
                            indexes.get()));
            LOG.log(Level.WARNING, "{0} is directed to run here and does not: {1}", directive.spec(), e.getMessage());
            // What only is not here yet may come; what does not work will not.
            if (e.kind() == ComponentException.Kind.NOT_READY || e.kind() == ComponentException.Kind.REFUSED) {
                listener.failed(directive, shortened(e.getMessage()));
            }
        }
        checkHealth(directive);
    }

    /// The one version that runs, if it is not allowed, hands over to one that is. What only others hold stays beside.
    private void replaceOther(Directive directive) throws ComponentException {
        List<ComponentStatus> loaded = loaded(directive.component());
        if (loaded.size() != 1 || isAllowed(directive, loaded.getFirst())) {
            return;
        }
        boolean ours = leases.containsKey(directive.component()) || directive.count() == Directive.ON_DEMAND;
        if (ours || loaded.getFirst().holders().isEmpty()) {
            manager.run(
                    manager.plan(new Change(Change.Kind.UPDATE, directive.spec(), holder(directive), false)),
                    ComponentManager.Progress.NONE);
            LOG.log(Level.INFO, "updated to {0} as directed", directive.spec());
        }
    }

    /// By a lease in the name of the directive that holds now.
    private void hold(Directive directive) throws ComponentException {
        Held held = leases.get(directive.component());
        if (directive.count() == Directive.ON_DEMAND || (held != null && held.directive.equals(directive))) {
            return;
        }
        Lease lease = manager.acquire(directive.spec(), holder(directive));
        leases.put(directive.component(), new Held(directive, lease));
        if (held == null) {
            LOG.log(Level.INFO, "{0} runs here as directed", directive.spec());
        } else {
            held.lease.close();
        }
    }

    /// It came up, and may have failed since.
    private void checkHealth(Directive directive) {
        loaded(directive.component()).stream()
                .filter(c -> isAllowed(directive, c) && c.state() != ComponentStatus.State.ACTIVE)
                .forEach(c -> listener.failed(directive, shortened(c.state() + ": " + c.problem())));
    }

    private List<ComponentStatus> loaded(String component) {
        return manager.components().stream()
                .filter(c -> c.name().equals(component))
                .toList();
    }

    private static String holder(Directive directive) {
        return "network directive " + directive.sequence();
    }

    private static boolean isAllowed(Directive directive, ComponentStatus component) {
        return directive.versions().isEmpty() || includes(directive.versions(), component.version());
    }

    /// As the manager reads a spec: a plain version is exactly that one.
    static boolean includes(String versions, String version) {
        boolean range = versions.startsWith("[") || versions.startsWith("(");
        return range
                ? new VersionRange(versions).includes(Version.parseVersion(version))
                : Version.parseVersion(versions).equals(Version.parseVersion(version));
    }

    private void release(String component) {
        leases.remove(component).lease.close();
    }

    /// At once: nobody who lingers is waited for, as the network has decided.
    private void unloadUnheld(Predicate<ComponentStatus> which) {
        for (ComponentStatus c : manager.components()) {
            if (!c.holders().isEmpty() || !which.test(c)) {
                continue;
            }
            try {
                var unload = new Change(Change.Kind.UNLOAD, c.name() + "@" + c.version(), "network", false);
                manager.run(manager.plan(unload), ComponentManager.Progress.NONE);
            } catch (ComponentException e) {
                LOG.log(Level.INFO, "{0} {1} stays: {2}", c.name(), c.version(), e.getMessage());
            }
        }
    }

    /// What runs, and what should and does not.
    List<Running> running(List<Directive> wanted) {
        Map<String, Running> all = new TreeMap<>();
        for (ComponentStatus c : manager.components()) {
            all.put(
                    c.name() + " " + c.version(),
                    new Running(c.name(), c.version(), c.state().name(), c.problem()));
        }
        for (Directive directive : wanted) {
            Failure failure = failures.get(directive.component());
            if (failure != null) {
                all.put(
                        directive.component(),
                        new Running(directive.component(), "", "MISSING", shortened(failure.problem)));
            }
        }
        return new ArrayList<>(all.values());
    }

    private static String shortened(String problem) {
        return problem.length() <= 300 ? problem : problem.substring(0, 300) + "…";
    }

    void releaseAll() {
        List.copyOf(leases.keySet()).forEach(this::release);
    }
}
