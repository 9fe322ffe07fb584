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
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Lease;
import network.mycelium.component.director.Wanted.Mode;
import network.mycelium.repository.RepositoryIndex.Source;

/// Brings this node to what is wanted: a lease for each component that should run here, none for the others.
/// What fails is tried again, later each time, and at once when other indexes are there, for a directive may
/// come sooner than the index that it needs; it keeps nothing from the others. One thread at a time.
final class Obedience {
    private static final Logger LOG = System.getLogger(Obedience.class.getName());
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /// Told when what is wanted does not work here.
    interface Failed {
        void failed(Wanted wanted, String why);
    }

    private record Held(Wanted wanted, Lease lease) {}

    /// @param isFinal not tried again before something else is wanted
    private record Failure(
            Wanted wanted, String problem, long againAtNanos, Duration pause, List<Source> indexes, boolean isFinal) {
        boolean isOf(Wanted other) {
            return wanted.spec().equals(other.spec()) && wanted.number() == other.number();
        }
    }

    private final ComponentManager manager;
    /// By component. They end with this node, and are taken again from the directives when it boots.
    private final Map<String, Held> leases = new TreeMap<>();
    private final Map<String, Failure> failures = new HashMap<>();
    /// What was reached, by component.
    private final Map<String, Wanted> reached = new HashMap<>();

    private final Supplier<List<Source>> indexes;
    private final Failed listener;
    private final LongSupplier nanos;

    /// @param indexes those that this node resolves against
    /// @param listener told whenever this node fails at what is wanted
    Obedience(ComponentManager manager, Supplier<List<Source>> indexes, Failed listener, LongSupplier nanos) {
        this.manager = manager;
        this.indexes = indexes;
        this.listener = listener;
        this.nanos = nanos;
    }

    /// @param elsewhere components that are spoken of and not to run here
    void obey(List<Wanted> wanted, Set<String> elsewhere) {
        keep(wanted, elsewhere);
        Predicate<String> isUnwanted =
                name -> wanted.stream().noneMatch(w -> w.component().equals(name) && w.mode() != Mode.KEEP);
        failures.keySet().removeIf(isUnwanted);
        reached.keySet().removeIf(isUnwanted);
        for (Wanted one : wanted) {
            try {
                if (one.mode() != Mode.KEEP) {
                    run(one);
                }
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "what is wanted of " + one.spec() + " failed unexpectedly", e);
                fail(one, e.toString());
            }
        }
    }

    /// Gives up what should not run here any more, and begins nothing.
    void keep(List<Wanted> wanted, Set<String> elsewhere) {
        for (String held : List.copyOf(leases.keySet())) {
            Optional<Wanted> still =
                    wanted.stream().filter(w -> w.component().equals(held)).findFirst();
            if (still.isEmpty()) {
                LOG.log(Level.INFO, "{0} is no longer directed to run here", held);
                release(held);
                unloadUnheld(c -> c.name().equals(held));
            } else if (still.get().mode() == Mode.ON_DEMAND) {
                LOG.log(Level.INFO, "{0} runs here for as long as somebody needs it", held);
                release(held);
            }
        }
        wanted.stream().filter(w -> w.mode() == Mode.KEEP).forEach(this::keepLoaded);
        // What ran when this node died came back with it, and may have been directed away meanwhile.
        unloadUnheld(c -> elsewhere.contains(c.name()));
    }

    /// Else what came back with the node would be unloaded for want of a holder before it is known who needs
    /// it.
    private void keepLoaded(Wanted wanted) {
        List<ComponentStatus> loaded = loaded(wanted.component());
        if (leases.containsKey(wanted.component()) || loaded.size() != 1) {
            return;
        }
        try {
            String spec = wanted.component() + "@" + loaded.getFirst().version();
            leases.put(wanted.component(), new Held(wanted, manager.acquire(spec, wanted.holder())));
        } catch (ComponentException | RuntimeException e) {
            LOG.log(Level.INFO, "{0} is not kept: {1}", wanted.component(), e.getMessage());
        }
    }

    private void run(Wanted wanted) {
        Failure failure = failures.get(wanted.component());
        if (failure != null
                && failure.isOf(wanted)
                && (failure.isFinal
                        || nanos.getAsLong() - failure.againAtNanos < 0 && failure.indexes.equals(indexes.get()))) {
            return;
        }
        if (wasTakenBack(wanted)) {
            return;
        }
        try {
            replaceOther(wanted);
            hold(wanted);
            unloadUnheld(c -> c.name().equals(wanted.component()) && !isAllowed(wanted, c));
            failures.remove(wanted.component());
            if (loaded(wanted.component()).stream().anyMatch(c -> isAllowed(wanted, c))) {
                reached.put(wanted.component(), wanted);
            }
        } catch (ComponentException e) {
            fail(wanted, e.getMessage());
            if (!mayCome(e.kind())) {
                listener.failed(wanted, shortened(e.getMessage()));
            }
        }
        checkHealth(wanted);
    }

    /// What only is not here yet may come; what does not work will not.
    private static boolean mayCome(Kind kind) {
        return switch (kind) {
            case NOT_FOUND, UNRESOLVABLE, UNAVAILABLE, HELD, STALE, STORAGE -> true;
            default -> false;
        };
    }

    private void fail(Wanted wanted, String problem) {
        Failure before = failures.get(wanted.component());
        boolean again = before != null && before.isOf(wanted);
        Duration twice = again ? before.pause.multipliedBy(2) : FIRST_RETRY;
        Duration pause = twice.compareTo(LAST_RETRY) < 0 ? twice : LAST_RETRY;
        long at = nanos.getAsLong() + pause.toNanos();
        failures.put(wanted.component(), new Failure(wanted, problem, at, pause, indexes.get(), false));
        LOG.log(Level.WARNING, "{0} is directed to run here and does not: {1}", wanted.spec(), problem);
    }

    /// It was what is wanted, and is not any more: who looks after components went back to the version
    /// before, as did an operator. To update it again would only have the two undo each other for ever.
    private boolean wasTakenBack(Wanted wanted) {
        Wanted before = reached.get(wanted.component());
        List<ComponentStatus> loaded = loaded(wanted.component());
        boolean same = before != null && before.spec().equals(wanted.spec()) && before.number() == wanted.number();
        if (!same || loaded.isEmpty() || loaded.stream().anyMatch(c -> isAllowed(wanted, c))) {
            return false;
        }
        String problem =
                "it ran and was taken back to %s here; `component history %s` says why. It is not tried again until something else is directed"
                        .formatted(loaded.getFirst().version(), wanted.component());
        failures.put(wanted.component(), new Failure(wanted, problem, 0, LAST_RETRY, indexes.get(), true));
        LOG.log(Level.WARNING, "{0}: {1}", wanted.spec(), problem);
        listener.failed(wanted, problem);
        return true;
    }

    /// The one version that runs, if it is not allowed, hands over to one that is. What only others hold
    /// stays beside.
    private void replaceOther(Wanted wanted) throws ComponentException {
        List<ComponentStatus> loaded = loaded(wanted.component());
        if (loaded.size() != 1 || isAllowed(wanted, loaded.getFirst())) {
            return;
        }
        boolean ours = leases.containsKey(wanted.component()) || wanted.mode() == Mode.ON_DEMAND;
        if (ours || loaded.getFirst().holders().isEmpty()) {
            manager.run(
                    manager.plan(new Change(Change.Kind.UPDATE, wanted.spec(), wanted.holder(), false)),
                    ComponentManager.Progress.NONE);
            LOG.log(Level.INFO, "updated to {0} as directed", wanted.spec());
        }
    }

    /// By a lease in the name of what wants it now.
    private void hold(Wanted wanted) throws ComponentException {
        Held held = leases.get(wanted.component());
        if (wanted.mode() == Mode.ON_DEMAND || (held != null && held.wanted.equals(wanted))) {
            return;
        }
        Lease lease = manager.acquire(wanted.spec(), wanted.holder());
        leases.put(wanted.component(), new Held(wanted, lease));
        if (held == null) {
            LOG.log(Level.INFO, "{0} runs here as directed", wanted.spec());
        } else {
            held.lease.close();
        }
    }

    /// It came up, and may have failed since.
    private void checkHealth(Wanted wanted) {
        loaded(wanted.component()).stream()
                .filter(c -> isAllowed(wanted, c) && c.state() != ComponentStatus.State.ACTIVE)
                .forEach(c -> listener.failed(wanted, shortened(c.state() + ": " + c.problem())));
    }

    private List<ComponentStatus> loaded(String component) {
        return manager.components().stream()
                .filter(c -> c.name().equals(component))
                .toList();
    }

    private static boolean isAllowed(Wanted wanted, ComponentStatus component) {
        return Versions.parse(wanted.versions()).includes(component.version());
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
    List<Running> running() {
        List<Running> all = new ArrayList<>();
        for (ComponentStatus c : manager.components()) {
            all.add(new Running(c.name(), c.version(), c.state().name(), c.problem()));
        }
        new TreeMap<>(failures)
                .forEach((component, failure) ->
                        all.add(new Running(component, "", NodeState.MISSING, shortened(failure.problem))));
        return all;
    }

    private static String shortened(String problem) {
        return Texts.shown(problem, NodeState.MAX_TEXT);
    }

    void releaseAll() {
        List.copyOf(leases.keySet()).forEach(this::release);
    }
}
