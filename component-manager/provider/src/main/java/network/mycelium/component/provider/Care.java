package network.mycelium.component.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/// How components fare, and what can be done about it, in the framework.
final class Care implements Supervisor.Ward {
    private static final Logger LOG = System.getLogger(Care.class.getName());

    private final BundleContext context;
    private final Changes changes;
    private final ChangeRunner runner;
    private final BundleFetcher fetcher;
    private final InstalledBundles installed;
    private final Readiness readiness;
    private final LongSupplier clock;
    /// Guarded by this.
    private Thread fetching;

    private boolean closed;

    /// @param clock milliseconds since the epoch
    Care(
            BundleContext context,
            Changes changes,
            ChangeRunner runner,
            BundleFetcher fetcher,
            InstalledBundles installed,
            Readiness readiness,
            LongSupplier clock) {
        this.context = context;
        this.changes = changes;
        this.runner = runner;
        this.fetcher = fetcher;
        this.installed = installed;
        this.readiness = readiness;
        this.clock = clock;
    }

    @Override
    public Changes changes() {
        return changes;
    }

    @Override
    public boolean isStopping() {
        return context.getBundle(0).getState() != Bundle.ACTIVE;
    }

    @Override
    public boolean isComplete(ComponentRecord component) {
        return installed.all().keySet().containsAll(component.bundles());
    }

    @Override
    public String problem(ComponentRecord component) {
        Map<String, Bundle> all = installed.all();
        List<Bundle> bundles = new ArrayList<>();
        for (String digest : component.bundles()) {
            Bundle bundle = all.get(digest);
            if (bundle == null) {
                return changes.set().id(digest) + " is not installed";
            }
            bundles.add(bundle);
        }
        return readiness.problem(bundles);
    }

    /// On a thread of its own, for a source may be slow; one at a time.
    @Override
    public synchronized void fetchMissing() {
        if (!closed && (fetching == null || !fetching.isAlive())) {
            fetching = Thread.ofVirtual().name("component-fetch").start(this::fetchAll);
        }
    }

    synchronized void close() {
        closed = true;
        if (fetching != null) {
            fetching.interrupt();
        }
    }

    void fetchAll() {
        NodeSet set = changes.set();
        Set<String> there = installed.all().keySet();
        for (String digest : set.running()) {
            BundleRef ref = set.bundles().get(digest);
            if (ref != null && !there.contains(digest)) {
                try {
                    fetcher.fetchMissing(List.of(ref), Progress.NONE);
                } catch (ComponentException e) {
                    LOG.log(Level.WARNING, "not fetched: {0}", e.getMessage());
                }
            }
        }
    }

    @Override
    public String restart(ComponentRecord component, Duration timeout) {
        List<String> problems = new ArrayList<>(runner.restore(changes.set(), timeout));
        if (!isComplete(component)) {
            return String.join("; ", problems);
        }
        Map<String, Bundle> all = installed.all();
        Set<Bundle> bundles = new HashSet<>();
        component.bundles().forEach(digest -> bundles.add(all.get(digest)));
        boolean allActive =
                bundles.stream().allMatch(b -> b.getState() == Bundle.ACTIVE || InstalledBundles.isFragment(b));
        try {
            Bundle root = all.get(component.root());
            if (allActive && root != null) {
                installed.stop(root);
            }
            for (String digest : component.bundles()) {
                installed.start(all.get(digest));
            }
            problems.add(readiness.await(bundles, timeout));
        } catch (BundleException e) {
            problems.add(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("interrupted");
        }
        problems.removeIf(String::isEmpty);
        return String.join("; ", problems);
    }

    @Override
    public void unload(ComponentRecord component, String cause) throws ComponentException {
        var change = new Change(Change.Kind.UNLOAD, component.key(), cause, false);
        changes.carryOut(changes.draft(change), cause, Progress.NONE);
    }

    @Override
    public void giveUp(ComponentRecord component, String problem) throws ComponentException {
        if (!component.previousVersion().isEmpty()) {
            try {
                changes.takeBack(component, problem, clock.getAsLong());
                return;
            } catch (ComponentException e) {
                LOG.log(Level.WARNING, "no way back for {0}: {1}", component.key(), e.getMessage());
            }
        }
        changes.quarantine(component, problem, clock.getAsLong());
    }
}
