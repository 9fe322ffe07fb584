package network.mycelium.component.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentException;
import network.mycelium.component.provider.NodeSet.ComponentRecord;

/// Looks after the components on one thread: restarts those that fail, with a growing delay; falls back to the
/// previous version or quarantines what keeps failing; unloads what nobody has held for the linger time, or at
/// once, the least recently used first, while the heap is short. What only lacks a bundle that cannot be had now is
/// tried again for as long as it takes.
final class Supervisor implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Supervisor.class.getName());

    /// Who it was, in the history.
    static final String CAUSE = "supervisor";

    private static final long TICK_MILLIS = 1000;
    private static final long MAX_RESTART_DELAY_MILLIS = 60_000;

    /// What it looks after. All but [#fetchMissing] is called under the lock of the changes.
    interface Ward {
        Changes changes();

        /// Whether the framework stops, and all bundles with it: that is no failure.
        boolean isStopping();

        /// Whether all bundles of a component are installed.
        boolean isComplete(ComponentRecord component);

        /// What keeps a component from being up, or empty.
        String problem(ComponentRecord component);

        /// Begins to fetch what is not installed for want of its bytes, if that is not under way. Does not wait.
        void fetchMissing();

        /// Starts a failed component again: what is missing is installed, what stopped is started, and if all runs
        /// but is not well, its root is restarted.
        ///
        /// @return what is still wrong, or empty
        String restart(ComponentRecord component, Duration timeout);

        void unload(ComponentRecord component, String cause) throws ComponentException;

        /// Takes a component back to its previous version, or puts it in quarantine; the version is rejected.
        void giveUp(ComponentRecord component, String problem) throws ComponentException;
    }

    private final Ward ward;
    private final Changes changes;
    private final Supplier<ManagerConfig> config;
    private final LongSupplier clock;
    private final IntPredicate heapShort;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;
    /// Milliseconds since the epoch; set to 0 when a bundle stops.
    private volatile long nextHealthCheck;

    /// @param clock milliseconds since the epoch
    /// @param heapShort whether more than so many percent of the heap are in use
    Supervisor(Ward ward, Supplier<ManagerConfig> config, LongSupplier clock, IntPredicate heapShort) {
        this.ward = ward;
        this.changes = ward.changes();
        this.config = config;
        this.clock = clock;
        this.heapShort = heapShort;
        this.thread = Thread.ofPlatform().daemon().name("component-supervisor").unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    void wake() {
        wake.release();
    }

    /// A bundle of a component is no longer active.
    void bundleStopped() {
        nextHealthCheck = 0;
        wake();
    }

    static boolean heapHolds(int percent) {
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        return used > runtime.maxMemory() / 100 * percent;
    }

    private void loop() {
        while (!closed) {
            try {
                long wait = Math.min(TICK_MILLIS, Math.max(10, nextDue() - clock.getAsLong()));
                if (wake.tryAcquire(wait, TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
                look();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                // Out of memory: unloading what nobody needs may help.
                LOG.log(Level.ERROR, "the supervisor failed and goes on", e);
            }
        }
    }

    private long nextDue() {
        return changes.set().components().values().stream()
                .mapToLong(c -> runtime(c).nextRestart())
                .filter(t -> t > 0)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private ComponentRuntime runtime(ComponentRecord component) {
        return changes.runtimes().of(component.key());
    }

    /// Does once what there is to do now.
    void look() throws InterruptedException {
        if (changes.set().components().isEmpty()) {
            return;
        }
        if (clock.getAsLong() >= nextDue()) {
            ward.fetchMissing();
        }
        changes.lock().lockInterruptibly();
        try {
            if (closed || ward.isStopping()) {
                return;
            }
            unloadIdle();
            evictUnderPressure();
            long now = clock.getAsLong();
            if (now >= nextHealthCheck || now >= nextDue()) {
                nextHealthCheck = now + config.get().health_interval_millis();
                for (ComponentRecord component :
                        List.copyOf(changes.set().components().values())) {
                    if (!component.quarantined()) {
                        superviseOne(component, now);
                    }
                }
            }
        } finally {
            changes.lock().unlock();
        }
    }

    private void superviseOne(ComponentRecord component, long now) {
        ComponentRuntime runtime = runtime(component);
        String problem = ward.problem(component);
        if (problem.isEmpty()) {
            runtime.nextRestart(0);
            runtime.healthy(now, config.get().stable_millis());
            return;
        }
        if (runtime.problem().isEmpty()) {
            tell(Type.FAILED, component, problem);
            runtime.problem(problem);
        }
        if (runtime.nextRestart() == 0) {
            long delay = config.get().restart_delay_millis() << Math.min(runtime.restarts(), 16);
            runtime.nextRestart(now + Math.min(delay, MAX_RESTART_DELAY_MILLIS));
        }
        if (now < runtime.nextRestart()) {
            return;
        }
        if (runtime.restarts() >= config.get().max_restarts() && ward.isComplete(component)) {
            giveUp(component, problem);
            return;
        }
        restart(component, problem);
    }

    private void restart(ComponentRecord component, String problem) {
        ComponentRuntime runtime = runtime(component);
        runtime.restarted();
        runtime.nextRestart(0);
        String left = ward.restart(component, Duration.ofMillis(config.get().ready_timeout_millis()));
        runtime.problem(left);
        if (left.isEmpty()) {
            tell(Type.RESTARTED, component, "restart " + runtime.restarts() + " after: " + problem);
        } else {
            wake();
            nextHealthCheck = 0;
        }
    }

    private void tell(Type type, ComponentRecord component, String detail) {
        changes.events().tell(type, component.name(), component.version(), CAUSE, detail);
    }

    private void giveUp(ComponentRecord component, String problem) {
        try {
            ward.giveUp(component, problem);
        } catch (ComponentException e) {
            LOG.log(Level.ERROR, "{0} could not be quarantined: {1}", component.key(), e.getMessage());
        }
    }

    private void unloadIdle() {
        long longAgo = clock.getAsLong() - config.get().linger_millis();
        for (ComponentRecord component : idle()) {
            if (runtime(component).idleSince() <= longAgo) {
                unload(component, "linger");
            }
        }
    }

    private void evictUnderPressure() {
        if (!heapShort() || idle().isEmpty()) {
            return;
        }
        // Much of what is in use may be garbage; only what stays after a collection counts.
        System.gc();
        for (ComponentRecord component : idle()) {
            if (!heapShort()) {
                return;
            }
            unload(component, "memory");
            System.gc();
        }
    }

    private boolean heapShort() {
        return heapShort.test(config.get().heap_soft_limit_percent());
    }

    /// Components that nobody holds or needs, the least recently used first.
    private List<ComponentRecord> idle() {
        return changes.set().components().values().stream()
                .filter(c -> c.wishes().isEmpty() && !c.pinned() && !c.quarantined())
                .filter(c -> runtime(c).holders().isEmpty())
                .sorted(Comparator.comparingLong(c -> runtime(c).idleSince()))
                .toList();
    }

    private void unload(ComponentRecord component, String cause) {
        try {
            ward.unload(component, cause);
        } catch (ComponentException e) {
            LOG.log(Level.WARNING, "{0} could not be unloaded: {1}", component.key(), e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
