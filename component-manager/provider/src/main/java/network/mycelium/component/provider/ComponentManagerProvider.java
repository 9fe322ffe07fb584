package network.mycelium.component.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentListener;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.ComponentStatus.State;
import network.mycelium.component.Lease;
import network.mycelium.component.Plan;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.component.provider.NodeSet.ComponentSpec;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/// The manager: owns the current [NodeSet] and the leases, and lets one change at a time go from [Planner] to
/// [ChangeRunner]. [Supervisor] calls back in on its own thread.
@Component(immediate = true, configurationPid = ManagerConfig.PID)
@Designate(ocd = ManagerConfig.class)
public final class ComponentManagerProvider implements ComponentManager {
    private static final Logger LOG = System.getLogger(ComponentManagerProvider.class.getName());

    private final InstalledBundles installed;
    private final Planner planner;
    private final ChangeRunner runner;
    private final Readiness readiness;
    private final BundleStore store;
    private final Journal journal;
    private final Events events = new Events();
    private final Supervisor supervisor;

    /// Held while something changes. Never while a listener is called.
    private final ReentrantLock changing = new ReentrantLock(true);
    /// Replaced under `changing`; read anywhere.
    private volatile NodeSet set;
    /// The last plan made, so that running it does not work it out again. An unload is: leases may have come
    /// since.
    private volatile Draft lastDraft;
    /// Leases and health by component key. Guarded by itself.
    private final Map<String, ComponentRuntime> runtimes = new HashMap<>();

    @Activate
    public ComponentManagerProvider(
            BundleContext context, ManagerConfig config, @Reference RepositoryIndex index, @Reference BundleStore store)
            throws IOException {
        this.store = store;
        this.installed = new InstalledBundles(
                context,
                Duration.ofMillis(config.start_timeout_millis()),
                Duration.ofMillis(config.stop_timeout_millis()));
        this.readiness = new Readiness(context, installed);
        this.planner = new Planner(index, store, installed);
        this.journal = Journal.open(Path.of(context.getProperty("mycelium.home"), "state", "components.journal"));
        this.runner = new ChangeRunner(
                context, store, installed, journal, events, Duration.ofMillis(config.ready_timeout_millis()));
        this.set = journal.last();
        store.retain("components", List.copyOf(set.bundles().keySet()));
        restore();
        this.supervisor = new Supervisor(this, context, config);
    }

    /// What ran before runs again, from the cache, with no network.
    private void restore() {
        if (set.components().isEmpty()) {
            return;
        }
        List<String> problems = runner.restore(set);
        problems.forEach(p -> LOG.log(Level.WARNING, "not restored: {0}", p));
        set.components().values().forEach(c -> runtime(c.key()).idleSince(System.currentTimeMillis()));
        LOG.log(
                Level.INFO,
                "restored {0} components of generation {1}",
                set.components().size(),
                set.generation());
    }

    @Deactivate
    void deactivate() {
        supervisor.close();
        changing.lock();
        try {
            // Not removed one by one: the framework stops them, and the journal brings them back.
            journal.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal did not close", e);
        } finally {
            changing.unlock();
        }
        events.close();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(ComponentListener listener) {
        events.add(listener);
    }

    void removeListener(ComponentListener listener) {
        events.remove(listener);
    }

    @Override
    public Lease acquire(String spec, String holder) throws ComponentException {
        changing.lock();
        try {
            var change = new Change(Change.Kind.LOAD, spec, "", false);
            Draft draft = planner.draft(change, set, heldByLeases());
            if (!draft.plan().changesNoBundle() || !set.components().containsKey(key(draft))) {
                carryOut(draft, holder, Progress.NONE);
            }
            ComponentRecord component = set.components().get(key(draft));
            var lease = new HeldLease(component.key(), component.name(), component.version(), holder);
            runtime(component.key()).add(lease);
            events.tell(Type.HELD, component.name(), component.version(), holder, "");
            return lease;
        } finally {
            changing.unlock();
        }
    }

    private static String key(Draft draft) {
        return draft.subject().orElseThrow().key();
    }

    @Override
    public Plan plan(Change change) throws ComponentException {
        changing.lock();
        try {
            Draft draft = planner.draft(change, set, heldByLeases());
            lastDraft = draft;
            return draft.plan();
        } finally {
            changing.unlock();
        }
    }

    @Override
    public void run(Plan plan, Progress progress) throws ComponentException {
        changing.lock();
        try {
            if (plan.generation() != set.generation()) {
                throw new ComponentException(
                        Kind.STALE,
                        "Something else changed since this was planned (%d is now %d). Plan again."
                                .formatted(plan.generation(), set.generation()));
            }
            Draft shown = lastDraft;
            Draft draft = shown != null && shown.plan() == plan && plan.change().kind() != Change.Kind.UNLOAD
                    ? shown
                    : planner.draft(plan.change(), set, heldByLeases());
            if (!draft.plan().install().equals(plan.install())
                    || !draft.plan().stop().equals(plan.stop())) {
                throw new ComponentException(Kind.STALE, "The indexes changed since this was planned. Plan again.");
            }
            carryOut(draft, plan.change().holder(), progress);
        } finally {
            changing.unlock();
        }
    }

    /// Under `changing`.
    private void carryOut(Draft draft, String cause, Progress progress) throws ComponentException {
        Plan plan = draft.plan();
        try {
            set = runner.run(draft, set, progress);
        } catch (ComponentException e) {
            events.tell(Type.CHANGE_FAILED, plan.component(), plan.version(), cause, e.getMessage());
            throw e;
        }
        draft.replaced().ifPresent(old -> moveRuntime(old, draft.subject()));
        draft.subject().ifPresent(c -> runtime(c.key()).touch());
        Type type = switch (plan.change().kind()) {
            case LOAD -> plan.changesNoBundle() ? Type.HELD : Type.LOADED;
            case UNLOAD -> Type.UNLOADED;
            case UPDATE -> Type.UPDATED;
            case ROLLBACK -> Type.ROLLED_BACK;
        };
        String version = draft.subject().or(draft::replaced).orElseThrow().version();
        String detail = draft.subject().isPresent()
                ? draft.replaced().map(old -> "from " + old.version()).orElse("")
                : "";
        if (plan.change().kind() != Change.Kind.UPDATE || !plan.changesNoBundle()) {
            events.tell(type, plan.component(), version, cause, detail);
        }
    }

    private void moveRuntime(ComponentRecord old, Optional<ComponentRecord> subject) {
        synchronized (runtimes) {
            ComponentRuntime runtime = runtimes.remove(old.key());
            if (runtime != null && subject.isPresent()) {
                runtime.startAfresh();
                runtimes.put(subject.get().key(), runtime);
            }
        }
    }

    @Override
    public List<ComponentStatus> components() {
        NodeSet current = set;
        List<ComponentStatus> list = new ArrayList<>();
        for (ComponentRecord c : current.components().values()) {
            ComponentRuntime runtime = runtime(c.key());
            List<String> holders = new ArrayList<>(c.wishes());
            holders.addAll(runtime.holders());
            String problem = c.quarantined() ? runtime.problem() : problem(c);
            list.add(new ComponentStatus(
                    c.name(),
                    c.version(),
                    c.quarantined() ? State.QUARANTINED : problem.isEmpty() ? State.ACTIVE : State.FAILED,
                    problem,
                    holders,
                    current.components().values().stream()
                            .filter(o -> !o.key().equals(c.key()) && o.bundles().contains(c.root()))
                            .map(ComponentRecord::key)
                            .toList(),
                    c.bundles().stream().map(d -> current.bundles().get(d).id()).toList(),
                    c.previousVersion(),
                    c.pinned(),
                    runtime.restarts(),
                    holders.isEmpty() ? runtime.idleSince() : 0));
        }
        return list;
    }

    @Override
    public void pin(String component, boolean pinned) throws ComponentException {
        changing.lock();
        try {
            ComponentRecord record = set.matching(ComponentSpec.parse(component)).stream()
                    .findFirst()
                    .orElseThrow(() ->
                            new ComponentException(Kind.NOT_FOUND, "No component %s is loaded.".formatted(component)));
            for (String digest : record.bundles()) {
                store.pin(digest, pinned);
            }
            commit(set.replace(record.withPinned(pinned)));
        } catch (RepositoryException e) {
            throw new ComponentException(Kind.STORAGE, e.getMessage(), e);
        } finally {
            changing.unlock();
        }
    }

    private void commit(NodeSet next) throws ComponentException {
        try {
            journal.append(next);
            set = next;
        } catch (IOException e) {
            throw new ComponentException(Kind.STORAGE, "The journal cannot be written: " + e + ".", e);
        }
    }

    // For the supervisor.

    NodeSet set() {
        return set;
    }

    ReentrantLock changing() {
        return changing;
    }

    ComponentRuntime runtime(String key) {
        synchronized (runtimes) {
            return runtimes.computeIfAbsent(key, k -> new ComponentRuntime());
        }
    }

    /// What keeps a component from being up, or empty.
    String problem(ComponentRecord component) {
        Map<String, Bundle> all = installed.all();
        List<Bundle> bundles = new ArrayList<>();
        for (String digest : component.bundles()) {
            Bundle bundle = all.get(digest);
            if (bundle == null) {
                return set.bundles().get(digest).id() + " is not installed";
            }
            bundles.add(bundle);
        }
        return readiness.problem(bundles);
    }

    /// Starts a failed component again: what is missing is installed, what stopped is started, and if all runs
    /// but is not well, its root is restarted. Under `changing`.
    ///
    /// @return what is still wrong, or empty
    String restart(ComponentRecord component, Duration timeout) {
        List<String> problems = new ArrayList<>(runner.restore(set));
        Map<String, Bundle> all = installed.all();
        Set<Bundle> bundles = new HashSet<>();
        boolean allActive = true;
        for (String digest : component.bundles()) {
            Bundle bundle = all.get(digest);
            if (bundle != null) {
                bundles.add(bundle);
                allActive &= bundle.getState() == Bundle.ACTIVE || InstalledBundles.isFragment(bundle);
            }
        }
        try {
            Bundle root = all.get(component.root());
            if (allActive && root != null) {
                installed.stop(root);
            }
            for (String digest : component.bundles()) {
                if (all.get(digest) != null) {
                    installed.start(all.get(digest));
                }
            }
            problems.add(readiness.await(bundles, timeout));
        } catch (org.osgi.framework.BundleException e) {
            problems.add(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("interrupted");
        }
        problems.removeIf(String::isEmpty);
        return String.join("; ", problems);
    }

    /// Stops a component for good. Under `changing`.
    void quarantine(ComponentRecord component, String problem) throws ComponentException {
        var unload = new Change(Change.Kind.UNLOAD, component.key(), "supervisor", true);
        Draft draft = planner.draft(unload, set, Map.of());
        Draft kept = new Draft(
                draft.plan(),
                Optional.of(component.inQuarantine()),
                draft.replaced(),
                List.of(),
                draft.remove(),
                false);
        NodeSet next = runner.run(withoutReplaced(kept), set, Progress.NONE);
        set = next;
        runtime(component.key()).problem(problem);
        events.tell(Type.QUARANTINED, component.name(), component.version(), "supervisor", problem);
    }

    /// The record stays under its key, so nothing is replaced.
    private static Draft withoutReplaced(Draft draft) {
        return new Draft(draft.plan(), draft.subject(), Optional.empty(), draft.install(), draft.remove(), false);
    }

    Events events() {
        return events;
    }

    Map<String, List<String>> heldByLeases() {
        Map<String, List<String>> held = new HashMap<>();
        synchronized (runtimes) {
            runtimes.forEach((key, runtime) -> held.put(key, runtime.holders()));
        }
        return held;
    }

    private final class HeldLease implements Lease {
        private final ComponentRuntime runtime;
        private final String component;
        private final String version;
        private final String holder;
        private boolean closed;

        HeldLease(String key, String component, String version, String holder) {
            this.runtime = runtime(key);
            this.component = component;
            this.version = version;
            this.holder = holder;
        }

        @Override
        public String component() {
            return component;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public String holder() {
            return holder;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                runtime.remove(this);
                events.tell(Type.RELEASED, component, version, holder, "");
                supervisor.wake();
            }
        }
    }
}
