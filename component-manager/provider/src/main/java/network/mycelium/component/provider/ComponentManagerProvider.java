package network.mycelium.component.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
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
import network.mycelium.component.provider.NodeSet.Rejected;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/// The manager: makes leases, plans and changes of it what [Changes] does one at a time, and has [Supervisor] look
/// after what runs.
@Component(immediate = true, configurationPid = ManagerConfig.PID)
@Designate(ocd = ManagerConfig.class)
public final class ComponentManagerProvider implements ComponentManager {
    private static final Logger LOG = System.getLogger(ComponentManagerProvider.class.getName());

    /// How often something else may change while a lease waits for its bundles, before it waits with all else stopped.
    private static final int FREE_TRIES = 3;

    private final BundleContext context;
    private final BundleStore store;
    private final BundleFetcher fetcher;
    private final Events events = new Events();
    private final Runtimes runtimes = new Runtimes(System::currentTimeMillis);
    private final Changes changes;
    private final Care care;
    private final Supervisor supervisor;
    private final BundleListener stopped = this::bundleChanged;
    private volatile ManagerConfig config;
    /// The last plan made, so that running it does not work it out again. An unload is: leases may have come
    /// since.
    private volatile Draft lastDraft;

    @Activate
    public ComponentManagerProvider(
            BundleContext context,
            ManagerConfig config,
            @Reference RepositoryIndex index,
            @Reference BundleStore store) {
        this.context = context;
        this.store = store;
        this.config = config;
        this.fetcher = new BundleFetcher(store, millis(ManagerConfig::fetch_timeout_millis));
        var installed = new InstalledBundles(
                context, millis(ManagerConfig::start_timeout_millis), millis(ManagerConfig::stop_timeout_millis));
        var readiness = new Readiness(context, installed);
        var journal = Journal.open(Path.of(context.getProperty("mycelium.home"), "state", "components.journal"));
        var runner = new ChangeRunner(
                context,
                store,
                fetcher,
                installed,
                readiness,
                journal,
                events,
                millis(ManagerConfig::ready_timeout_millis));
        this.changes = new Changes(new Planner(index, store, installed), runner, journal, runtimes, events);
        this.care = new Care(context, changes, runner, fetcher, installed, readiness, System::currentTimeMillis);
        store.retain("components", List.copyOf(changes.set().bundles().keySet()));
        restore(runner);
        this.supervisor = new Supervisor(care, () -> this.config, System::currentTimeMillis, Supervisor::heapHolds);
    }

    private Supplier<Duration> millis(ToLongFunction<ManagerConfig> setting) {
        return () -> Duration.ofMillis(setting.applyAsLong(config));
    }

    @Activate
    void activate() {
        context.addBundleListener(stopped);
        supervisor.start();
    }

    /// Settings change while all goes on: who holds a lease keeps it.
    @Modified
    void modified(ManagerConfig changed) {
        config = changed;
        supervisor.wake();
    }

    private void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPED
                && InstalledBundles.digest(event.getBundle()).isPresent()) {
            supervisor.bundleStopped();
        }
    }

    /// What ran before runs again, from the cache, with no network.
    private void restore(ChangeRunner runner) {
        NodeSet set = changes.set();
        if (set.components().isEmpty()) {
            return;
        }
        List<String> problems = runner.restore(set, Duration.ofMillis(config.ready_timeout_millis()));
        problems.forEach(p -> LOG.log(Level.WARNING, "not restored: {0}", p));
        set.components().values().forEach(c -> runtimes.of(c.key()).touch());
        LOG.log(
                Level.INFO,
                "restored {0} components of generation {1}",
                set.components().size(),
                set.generation());
    }

    @Deactivate
    void deactivate() {
        context.removeBundleListener(stopped);
        supervisor.close();
        care.close();
        try {
            // Not removed one by one: the framework stops them, and the journal brings them back.
            changes.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal did not close", e);
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
        var change = new Change(Change.Kind.LOAD, spec, "", false);
        for (int tries = 0; ; tries++) {
            Draft draft;
            changes.lock().lock();
            try {
                draft = changes.draft(change);
                if (tries == FREE_TRIES || !fetcher.isMissing(draft.install())) {
                    return lease(draft, holder);
                }
            } finally {
                changes.lock().unlock();
            }
            try (var held = fetcher.hold(draft.install())) {
                fetcher.fetchMissing(draft.install(), Progress.NONE);
            }
        }
    }

    private Lease lease(Draft draft, String holder) throws ComponentException {
        String key = draft.subject().orElseThrow().key();
        if (!draft.plan().changesNoBundle() || !changes.set().components().containsKey(key)) {
            changes.carryOut(draft, holder, Progress.NONE);
        }
        ComponentRecord component = changes.set().components().get(key);
        var lease = new HeldLease(runtimes.of(key), component, holder);
        runtimes.of(key).add(lease);
        events.tell(Type.HELD, component.name(), component.version(), holder, "");
        return lease;
    }

    @Override
    public Plan plan(Change change) throws ComponentException {
        changes.lock().lock();
        try {
            Draft draft = changes.draft(change);
            lastDraft = draft;
            return draft.plan();
        } finally {
            changes.lock().unlock();
        }
    }

    @Override
    public void run(Plan plan, Progress progress) throws ComponentException {
        Draft draft;
        changes.lock().lock();
        try {
            if (plan.generation() != changes.set().generation()) {
                throw new ComponentException(
                        Kind.STALE,
                        "Something else changed since this was planned (%d is now %d). Plan again."
                                .formatted(plan.generation(), changes.set().generation()));
            }
            draft = draft(plan);
            if (!fetcher.isMissing(draft.install())) {
                changes.carryOut(draft, plan.change().holder(), progress);
                return;
            }
        } finally {
            changes.lock().unlock();
        }
        // Others may go on while a source sends what it has.
        try (var held = fetcher.hold(draft.install())) {
            fetcher.fetchMissing(draft.install(), progress);
            changes.lock().lock();
            try {
                changes.carryOut(draft(plan), plan.change().holder(), progress);
            } finally {
                changes.lock().unlock();
            }
        }
    }

    /// The plan as it is to be carried out now. Under the lock.
    private Draft draft(Plan plan) throws ComponentException {
        Draft shown = lastDraft;
        boolean current = shown != null
                && shown.plan() == plan
                && plan.generation() == changes.set().generation()
                && plan.change().kind() != Change.Kind.UNLOAD;
        Draft draft = current ? shown : changes.draft(plan.change());
        if (!draft.plan().install().equals(plan.install())
                || !draft.plan().stop().equals(plan.stop())) {
            throw new ComponentException(
                    Kind.STALE, "The indexes, or what runs, changed since this was planned. Plan again.");
        }
        return draft;
    }

    @Override
    public List<ComponentStatus> components() {
        NodeSet current = changes.set();
        return current.components().values().stream()
                .map(c -> status(c, current))
                .toList();
    }

    private ComponentStatus status(ComponentRecord c, NodeSet current) {
        ComponentRuntime runtime = runtimes.of(c.key());
        List<String> holders = new ArrayList<>(c.wishes());
        holders.addAll(runtime.holders());
        String problem = c.quarantined()
                ? Optional.ofNullable(current.rejected().get(c.root()))
                        .map(Rejected::problem)
                        .orElse("")
                : care.problem(c);
        return new ComponentStatus(
                c.name(),
                c.version(),
                c.quarantined() ? State.QUARANTINED : problem.isEmpty() ? State.ACTIVE : State.FAILED,
                problem,
                holders,
                current.components().values().stream()
                        .filter(o -> !o.key().equals(c.key()) && o.bundles().contains(c.root()))
                        .map(ComponentRecord::key)
                        .toList(),
                c.bundles().stream().map(current::id).toList(),
                c.previousVersion(),
                c.pinned(),
                runtime.restarts(),
                holders.isEmpty() ? runtime.idleSince() : 0,
                current.rejected().values().stream()
                        .filter(r -> r.component().equals(c.name()))
                        .map(r -> new ComponentStatus.Rejected(r.version(), r.sha256(), r.problem(), r.atMillis()))
                        .toList());
    }

    @Override
    public void pin(String component, boolean pinned) throws ComponentException {
        changes.lock().lock();
        try {
            NodeSet set = changes.set();
            ComponentRecord record = set.matching(ComponentSpec.parse(component)).stream()
                    .findFirst()
                    .orElseThrow(() ->
                            new ComponentException(Kind.NOT_FOUND, "No component %s is loaded.".formatted(component)));
            for (String digest : record.bundles()) {
                store.pin(digest, pinned);
            }
            changes.replace(set.replace(record.withPinned(pinned)));
        } catch (RepositoryException e) {
            throw new ComponentException(Kind.STORAGE, e.getMessage(), e);
        } finally {
            changes.lock().unlock();
        }
    }

    private final class HeldLease implements Lease {
        private final ComponentRuntime runtime;
        private final String component;
        private final String version;
        private final String holder;
        private boolean closed;

        HeldLease(ComponentRuntime runtime, ComponentRecord component, String holder) {
            this.runtime = runtime;
            this.component = component.name();
            this.version = component.version();
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
