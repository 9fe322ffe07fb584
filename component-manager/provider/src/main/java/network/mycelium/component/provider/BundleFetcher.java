package network.mycelium.component.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.BundleStore.Loaded;
import network.mycelium.repository.RepositoryException;

/// Gets the bundles of a change, verified, from the store. No bundle takes longer than `fetch.timeout.millis`, however
/// slowly it comes; interrupting the thread ends it with the next bytes. Thread-safe.
final class BundleFetcher {
    private final BundleStore store;
    private final Supplier<Duration> limit;
    /// Digests that changes wait for: one that came must not go again before the last has come. Guarded by itself.
    private final List<String> awaited = new ArrayList<>();

    BundleFetcher(BundleStore store, Supplier<Duration> limit) {
        this.store = store;
        this.limit = limit;
    }

    /// Keeps bundles in the cache until it is closed.
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    Hold hold(List<BundleRef> refs) {
        List<String> digests = refs.stream().map(BundleRef::sha256).toList();
        synchronized (awaited) {
            awaited.addAll(digests);
            store.retain("changes", List.copyOf(awaited));
        }
        return () -> {
            synchronized (awaited) {
                digests.forEach(awaited::remove);
                store.retain("changes", List.copyOf(awaited));
            }
        };
    }

    boolean isMissing(List<BundleRef> refs) {
        return refs.stream().anyMatch(ref -> !store.contains(ref.sha256()));
    }

    /// Into the cache, one after the other.
    void fetchMissing(List<BundleRef> refs, Progress progress) throws ComponentException {
        for (BundleRef ref : refs) {
            if (!store.contains(ref.sha256())) {
                progress.report("fetching " + ref.id() + ", " + ref.size() + " bytes");
                tell(ref, load(ref, progress, limit.get()), progress);
            }
        }
    }

    /// By digest, in the order given.
    Map<String, BundleStore.Content> loadAll(List<BundleRef> refs, Progress progress) throws ComponentException {
        Map<String, BundleStore.Content> bytes = new LinkedHashMap<>();
        for (BundleRef ref : refs) {
            Loaded loaded = load(ref, progress, limit.get());
            tell(ref, loaded, progress);
            bytes.put(ref.sha256(), loaded.content());
        }
        return bytes;
    }

    /// Reading the cache is nothing to wait for.
    private static void tell(BundleRef ref, Loaded loaded, Progress progress) {
        if (!loaded.source().equals("cache")) {
            progress.report("verified " + ref.id() + " from " + loaded.source());
        }
    }

    Loaded load(BundleRef ref, Progress progress, Duration within) throws ComponentException {
        try {
            return store.load(ref, new Meter(ref, progress, within));
        } catch (RepositoryException e) {
            Kind kind = switch (e.kind()) {
                case INVALID, UNTRUSTED -> Kind.REFUSED;
                case STORAGE -> Kind.STORAGE;
                default -> Kind.UNAVAILABLE;
            };
            throw new ComponentException(kind, e.getMessage(), e);
        } catch (GivenUpException e) {
            throw new ComponentException(Kind.UNAVAILABLE, e.getMessage(), e);
        }
    }

    /// Thrown through the source that is read.
    private static final class GivenUpException extends RuntimeException {
        private static final long serialVersionUID = 1;

        GivenUpException(String message) {
            super(message);
        }
    }

    /// Reports each tenth of a long transfer, and ends one that takes too long.
    private static final class Meter implements LongConsumer {
        private static final long LONG = 1 << 20;
        private final BundleRef ref;
        private final Progress progress;
        private final Duration limit;
        private final long begun = System.nanoTime();
        private long next;

        Meter(BundleRef ref, Progress progress, Duration limit) {
            this.ref = ref;
            this.progress = progress;
            this.limit = limit;
            this.next = ref.size() / 10;
        }

        @Override
        public void accept(long received) {
            if (Thread.currentThread().isInterrupted()) {
                throw new GivenUpException("Fetching %s was cancelled after %d of %d bytes; nothing was changed."
                        .formatted(ref.id(), received, ref.size()));
            }
            if (System.nanoTime() - begun > limit.toNanos() && received < ref.size()) {
                throw new GivenUpException(
                        "Fetching %s was given up after %s: %d of %d bytes had come. Use a faster source, or raise fetch.timeout.millis of %s."
                                .formatted(
                                        ref.id(),
                                        InstalledBundles.seconds(limit),
                                        received,
                                        ref.size(),
                                        ManagerConfig.PID));
            }
            if (ref.size() >= LONG && received >= next) {
                progress.report("  %d of %d bytes, %d %%".formatted(received, ref.size(), received * 100 / ref.size()));
                next = received + ref.size() / 10;
            }
        }
    }
}
