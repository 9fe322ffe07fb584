package network.mycelium.component.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;

/// Looks after the components on one thread: restarts those that fail, with a growing delay; falls back to the
/// previous version or quarantines what keeps failing; unloads what nobody has held for the linger time, or at
/// once, the least recently used first, while the heap is short.
final class Supervisor implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Supervisor.class.getName());
    private static final long TICK_MILLIS = 1000;

    private final ComponentManagerProvider manager;
    private final BundleContext context;
    private final ManagerConfig config;
    private final Semaphore wake = new Semaphore(0);
    private final BundleListener stopped = this::bundleChanged;
    private final Thread thread;
    private volatile boolean closed;
    /// Milliseconds since the epoch; set to 0 by the listener when a bundle stops.
    private volatile long nextHealthCheck;

    Supervisor(ComponentManagerProvider manager, BundleContext context, ManagerConfig config) {
        this.manager = manager;
        this.context = context;
        this.config = config;
        context.addBundleListener(stopped);
        this.thread = Thread.ofPlatform().daemon().name("component-supervisor").unstarted(this::loop);
        thread.start();
    }

    void wake() {
        wake.release();
    }

    private void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPED
                && InstalledBundles.digest(event.getBundle()).isPresent()) {
            nextHealthCheck = 0;
            wake();
        }
    }

    private void loop() {
        while (!closed) {
            try {
                long wait = Math.min(TICK_MILLIS, Math.max(10, nextDue() - System.currentTimeMillis()));
                if (wake.tryAcquire(wait, TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
                look();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "the supervisor failed and goes on", e);
            }
        }
    }

    private long nextDue() {
        return manager.set().components().values().stream()
                .mapToLong(c -> manager.runtime(c.key()).nextRestart())
                .filter(t -> t > 0)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private void look() throws InterruptedException {
        if (manager.set().components().isEmpty()) {
            return;
        }
        manager.changing().lockInterruptibly();
        try {
            // The framework stops all bundles before this thread: that is no failure.
            if (closed || context.getBundle(0).getState() != org.osgi.framework.Bundle.ACTIVE) {
                return;
            }
            unloadIdle();
            evictUnderPressure();
            long now = System.currentTimeMillis();
            if (now >= nextHealthCheck || now >= nextDue()) {
                nextHealthCheck = now + config.health_interval_millis();
                for (ComponentRecord component :
                        List.copyOf(manager.set().components().values())) {
                    if (!component.quarantined()) {
                        superviseOne(component, now);
                    }
                }
            }
        } finally {
            manager.changing().unlock();
        }
    }

    private void superviseOne(ComponentRecord component, long now) {
        ComponentRuntime runtime = manager.runtime(component.key());
        String problem = manager.problem(component);
        if (problem.isEmpty()) {
            runtime.nextRestart(0);
            runtime.healthy(now, config.stable_millis());
            return;
        }
        if (runtime.problem().isEmpty()) {
            manager.events().tell(Type.FAILED, component.name(), component.version(), "supervisor", problem);
        }
        runtime.problem(problem);
        if (runtime.nextRestart() == 0) {
            runtime.nextRestart(now + (config.restart_delay_millis() << Math.min(runtime.restarts(), 16)));
        }
        if (now < runtime.nextRestart()) {
            return;
        }
        if (runtime.restarts() >= config.max_restarts()) {
            giveUp(component, problem);
            return;
        }
        runtime.restarted();
        runtime.nextRestart(0);
        String left = manager.restart(component, Duration.ofMillis(config.ready_timeout_millis()));
        runtime.problem(left);
        if (left.isEmpty()) {
            manager.events()
                    .tell(
                            Type.RESTARTED,
                            component.name(),
                            component.version(),
                            "supervisor",
                            "restart " + runtime.restarts() + " after: " + problem);
        } else {
            wake();
            nextHealthCheck = 0;
        }
    }

    private void giveUp(ComponentRecord component, String problem) {
        try {
            if (!component.previousVersion().isEmpty()) {
                try {
                    run(new Change(Change.Kind.ROLLBACK, component.key(), "supervisor", false));
                    return;
                } catch (ComponentException e) {
                    LOG.log(Level.WARNING, "no way back for {0}: {1}", component.key(), e.getMessage());
                }
            }
            manager.quarantine(component, problem);
        } catch (ComponentException e) {
            LOG.log(Level.ERROR, "{0} could not be quarantined: {1}", component.key(), e.getMessage());
        }
    }

    private void unloadIdle() {
        long longAgo = System.currentTimeMillis() - config.linger_millis();
        for (ComponentRecord component : idle()) {
            if (manager.runtime(component.key()).idleSince() <= longAgo) {
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
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        return used > runtime.maxMemory() / 100 * config.heap_soft_limit_percent();
    }

    /// Components that nobody holds or needs, the least recently used first.
    private List<ComponentRecord> idle() {
        NodeSet set = manager.set();
        return set.components().values().stream()
                .filter(c -> c.wishes().isEmpty() && !c.pinned() && !c.quarantined())
                .filter(c -> manager.runtime(c.key()).holders().isEmpty())
                .sorted(Comparator.comparingLong(c -> manager.runtime(c.key()).idleSince()))
                .toList();
    }

    private void unload(ComponentRecord component, String cause) {
        try {
            run(new Change(Change.Kind.UNLOAD, component.key(), cause, false));
        } catch (ComponentException e) {
            LOG.log(Level.WARNING, "{0} could not be unloaded: {1}", component.key(), e.getMessage());
        }
    }

    private void run(Change change) throws ComponentException {
        manager.run(manager.plan(change), Progress.NONE);
    }

    @Override
    public void close() {
        closed = true;
        context.removeBundleListener(stopped);
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
