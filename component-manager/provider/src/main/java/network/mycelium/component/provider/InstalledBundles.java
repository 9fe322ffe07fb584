package network.mycelium.component.provider;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;

/// The bundles of components in the framework, known by their digest, and what can be done to them. Everything
/// that runs foreign code is bounded in time. A bundle that does not stop is given up: it stays in the framework,
/// is no longer counted, and is gone after the next start of the node.
final class InstalledBundles {
    private static final Logger LOG = System.getLogger(InstalledBundles.class.getName());
    private static final String LOCATION = "mycelium:";

    /// By bundle, for as long as the framework knows it.
    private final Map<Bundle, String> startFailures = Collections.synchronizedMap(new WeakHashMap<>());

    private final BundleContext context;
    private final Supplier<Duration> startTimeout;
    private final Supplier<Duration> stopTimeout;
    /// Ids of bundles that would not stop.
    private final Set<Long> abandoned = ConcurrentHashMap.newKeySet();

    InstalledBundles(BundleContext context, Supplier<Duration> startTimeout, Supplier<Duration> stopTimeout) {
        this.context = context;
        this.startTimeout = startTimeout;
        this.stopTimeout = stopTimeout;
    }

    static Optional<String> digest(Bundle bundle) {
        String location = bundle.getLocation();
        return location.startsWith(LOCATION)
                ? Optional.of(location.substring(LOCATION.length(), LOCATION.length() + 64))
                : Optional.empty();
    }

    /// Bundles of components, by digest.
    Map<String, Bundle> all() {
        Map<String, Bundle> all = new HashMap<>();
        for (Bundle bundle : context.getBundles()) {
            if (!abandoned.contains(bundle.getBundleId())) {
                digest(bundle).ifPresent(d -> all.put(d, bundle));
            }
        }
        return all;
    }

    /// The revisions of all bundles, those of the core too, without the given ones and the abandoned.
    List<BundleRevision> present(Set<String> without) {
        List<BundleRevision> present = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            boolean left = revision != null
                    && !abandoned.contains(bundle.getBundleId())
                    && digest(bundle).filter(without::contains).isEmpty();
            if (left) {
                present.add(revision);
            }
        }
        return present;
    }

    static Map<Resource, Wiring> wirings(Collection<BundleRevision> revisions) {
        Map<Resource, Wiring> wirings = new HashMap<>();
        for (BundleRevision revision : revisions) {
            if (revision.getWiring() != null) {
                wirings.put(revision, revision.getWiring());
            }
        }
        return wirings;
    }

    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /// What failed, and the reason: the framework names the one, and gives the other as a cause.
    static String words(Exception failure) {
        Throwable root = root(failure);
        String why = String.valueOf(root.getMessage());
        String what = String.valueOf(failure.getMessage());
        return root == failure || what.contains(why) ? what : what + ": " + why;
    }

    /// @param content ends in an exception if it is not what was verified: then the framework installs nothing
    Bundle install(BundleRef ref, BundleStore.Content content) throws BundleException {
        String location = LOCATION + ref.sha256();
        Bundle taken = context.getBundle(location);
        // An abandoned bundle with the same content holds the plain location.
        String free = taken == null ? location : location + "#" + System.nanoTime();
        Bundle bundle;
        try (var bytes = new Watched(content.open())) {
            bundle = context.installBundle(free, bytes);
            if (!bytes.ended) {
                bundle.uninstall();
                throw new BundleException("the framework did not read " + ref.id() + " to its end");
            }
        } catch (IOException e) {
            throw new BundleException("the bytes of %s cannot be read: %s".formatted(ref.id(), e.getMessage()), e);
        }
        var startLevel = bundle.adapt(BundleStartLevel.class);
        if (startLevel.getStartLevel() != 1) {
            startLevel.setStartLevel(1);
        }
        return bundle;
    }

    /// Notes whether it was read to its end, where what was read is known to be right. The framework closes it.
    private static final class Watched extends FilterInputStream {
        private boolean ended;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int next = super.read();
            ended |= next < 0;
            return next;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            ended |= n < 0;
            return n;
        }
    }

    boolean resolve(Collection<Bundle> bundles) {
        return wiring().resolveBundles(bundles);
    }

    /// Why the last start of a bundle failed, or empty.
    String startFailure(Bundle bundle) {
        return startFailures.getOrDefault(bundle, "");
    }

    void start(Bundle bundle) throws BundleException {
        if (isFragment(bundle)) {
            return;
        }
        try {
            startLimited(bundle);
            startFailures.remove(bundle);
        } catch (BundleException e) {
            Throwable root = e;
            while (root.getCause() != null && root.getCause().getMessage() != null) {
                root = root.getCause();
            }
            startFailures.put(bundle, root.getMessage());
            throw e;
        }
    }

    private void startLimited(Bundle bundle) throws BundleException {
        try {
            BoundedCall.run("start " + bundle.getSymbolicName(), startTimeout.get(), () -> {
                bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
                return null;
            });
        } catch (TimeoutException e) {
            throw new BundleException("it did not start within " + seconds(startTimeout.get()), e);
        } catch (BundleException e) {
            throw e;
        } catch (Exception e) {
            throw new BundleException("it did not start: " + e, e);
        }
    }

    /// @return what went wrong, or empty; the bundle is stopped, or abandoned if that took too long
    String stop(Bundle bundle) {
        if (isFragment(bundle) || bundle.getState() == Bundle.UNINSTALLED) {
            return "";
        }
        try {
            BoundedCall.run("stop " + bundle.getSymbolicName(), stopTimeout.get(), () -> {
                bundle.stop(Bundle.STOP_TRANSIENT);
                return null;
            });
            return "";
        } catch (TimeoutException e) {
            abandoned.add(bundle.getBundleId());
            return "it did not stop within " + seconds(stopTimeout.get()) + "; it stays until the node restarts";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted while it was stopped";
        } catch (Exception e) {
            // The framework has stopped it all the same (OSGi Core 4.4.7).
            return "its activator failed to stop: " + e;
        }
    }

    /// Stops and uninstalls, in the order given, and lets go of the class loaders that nobody uses.
    ///
    /// @return what went wrong, in words
    List<String> remove(List<Bundle> bundles) {
        List<String> problems = new ArrayList<>();
        List<Bundle> removed = new ArrayList<>();
        for (Bundle bundle : bundles) {
            String problem = stop(bundle);
            if (!problem.isEmpty()) {
                problems.add(bundle.getSymbolicName() + ": " + problem);
            }
            if (abandoned.contains(bundle.getBundleId())) {
                continue;
            }
            try {
                bundle.uninstall();
                removed.add(bundle);
            } catch (BundleException | IllegalStateException e) {
                problems.add(bundle.getSymbolicName() + ": " + e.getMessage());
            }
        }
        refresh(removed);
        return problems;
    }

    /// Those of the removed bundles whose class loaders can go without touching anything that stays.
    static List<Bundle> refreshable(Collection<Bundle> removed, FrameworkWiring wiring) {
        Set<Bundle> gone = new HashSet<>(removed);
        return removed.stream()
                .filter(b -> gone.containsAll(wiring.getDependencyClosure(List.of(b))))
                .toList();
    }

    private void refresh(List<Bundle> removed) {
        // Also those left over from earlier removals: their last user may have gone now.
        Set<Bundle> pending = new HashSet<>(wiring().getRemovalPendingBundles());
        pending.addAll(removed);
        pending.removeIf(b -> b.getState() != Bundle.UNINSTALLED);
        List<Bundle> free = refreshable(pending, wiring());
        if (free.isEmpty()) {
            return;
        }
        var done = new CountDownLatch(1);
        wiring().refreshBundles(free, event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        try {
            if (!done.await(stopTimeout.get().toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.log(Level.WARNING, "the framework did not let go of {0} in time", free);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    FrameworkWiring wiring() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_ID).adapt(FrameworkWiring.class);
    }

    static boolean isFragment(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
    }

    static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
