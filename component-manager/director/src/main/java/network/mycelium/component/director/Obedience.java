package network.mycelium.component.director;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Running;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/// Brings this node to what the network directs: a lease for each component that should run here, none for the others.
/// What fails is tried again, later each time. One thread at a time.
final class Obedience {
    private static final Logger LOG = System.getLogger(Obedience.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /// Told when a component that is directed does not work here.
    interface Failed {
        void failed(Directive directive, String why);
    }

    private record Failure(String spec, String problem, long againAtNanos, Duration pause) {}

    private final ComponentManager manager;
    /// By component. They end with this node, and are taken again from the directives when it boots.
    private final Map<String, AutoCloseable> leases = new TreeMap<>();
    private final Map<String, Failure> failures = new HashMap<>();

    private final Failed listener;

    /// @param listener told whenever this node fails at what it is directed to
    Obedience(ComponentManager manager, Failed listener) {
        this.manager = manager;
        this.listener = listener;
    }

    /// @param wanted what should run here
    void obey(List<Directive> wanted) {
        keep(wanted);
        failures.keySet()
                .removeIf(name -> wanted.stream().noneMatch(d -> d.component().equals(name)));
        wanted.forEach(this::run);
    }

    /// Gives up what should not run here any more, and begins nothing.
    void keep(List<Directive> wanted) {
        for (String held : List.copyOf(leases.keySet())) {
            Optional<Directive> still =
                    wanted.stream().filter(d -> d.component().equals(held)).findFirst();
            if (still.isEmpty()) {
                LOG.log(Level.INFO, "{0} is no longer directed to run here", held);
                release(held);
                unload(held);
            } else if (still.get().count() == Directive.ON_DEMAND) {
                LOG.log(Level.INFO, "{0} runs here for as long as somebody needs it", held);
                release(held);
            }
        }
    }

    private void run(Directive directive) {
        String name = directive.component();
        Failure failure = failures.get(name);
        boolean same = failure != null && failure.spec.equals(directive.spec());
        if (same && System.nanoTime() - failure.againAtNanos < 0) {
            return;
        }
        try {
            boolean demanded = directive.count() == Directive.ON_DEMAND;
            if (!demanded && !leases.containsKey(name)) {
                leases.put(name, manager.acquire(directive.spec(), holder(directive)));
                LOG.log(Level.INFO, "{0} runs here as directed", directive.spec());
            } else if (!isAllowed(directive)) {
                manager.run(
                        manager.plan(new Change(Change.Kind.UPDATE, directive.spec(), holder(directive), false)),
                        ComponentManager.Progress.NONE);
                LOG.log(Level.INFO, "updated to {0} as directed", directive.spec());
            }
            failures.remove(name);
            checkHealth(directive);
        } catch (ComponentException e) {
            Duration pause = same && failure.pause.multipliedBy(2).compareTo(LAST_RETRY) < 0
                    ? failure.pause.multipliedBy(2)
                    : same ? LAST_RETRY : FIRST_RETRY;
            failures.put(
                    name, new Failure(directive.spec(), e.getMessage(), System.nanoTime() + pause.toNanos(), pause));
            LOG.log(Level.WARNING, "{0} is directed to run here and does not: {1}", directive.spec(), e.getMessage());
            // What only is not here yet may come; what does not work will not.
            if (e.kind() == ComponentException.Kind.NOT_READY || e.kind() == ComponentException.Kind.REFUSED) {
                listener.failed(directive, shortened(e.getMessage()));
            }
        }
    }

    /// It came up, and may have failed since.
    private void checkHealth(Directive directive) {
        manager.components().stream()
                .filter(c -> c.name().equals(directive.component()) && c.state() != ComponentStatus.State.ACTIVE)
                .forEach(c -> listener.failed(directive, shortened(c.state() + ": " + c.problem())));
    }

    private static String holder(Directive directive) {
        return "network directive " + directive.sequence();
    }

    /// Whether the version that runs is one of those that are directed.
    private boolean isAllowed(Directive directive) {
        return directive.versions().isEmpty()
                || manager.components().stream()
                        .filter(c -> c.name().equals(directive.component()))
                        .allMatch(c -> includes(directive.versions(), c.version()));
    }

    /// As the manager reads a spec: a plain version is exactly that one.
    static boolean includes(String versions, String version) {
        boolean range = versions.startsWith("[") || versions.startsWith("(");
        return range
                ? new VersionRange(versions).includes(Version.parseVersion(version))
                : Version.parseVersion(versions).equals(Version.parseVersion(version));
    }

    private void release(String component) {
        try {
            leases.remove(component).close();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "the lease of " + component + " could not be given back", e);
        }
    }

    /// At once: nobody who lingers is waited for, as the network has decided.
    private void unload(String component) {
        try {
            manager.run(
                    manager.plan(new Change(Change.Kind.UNLOAD, component, "network", false)),
                    ComponentManager.Progress.NONE);
        } catch (ComponentException e) {
            LOG.log(Level.INFO, "{0} stays: {1}", component, e.getMessage());
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
