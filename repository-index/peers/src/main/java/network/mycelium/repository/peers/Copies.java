package network.mycelium.repository.peers;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import network.mycelium.identity.Rendezvous;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryException;

/// Keeps this node's share of the network's bundles, whether it runs them or not: each bundle lies on more than a third
/// of the members that live, so any third of them may vanish. Who keeps what every node works out by itself. Its own
/// thread looks now and then, and fetches one bundle at a time.
final class Copies implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Copies.class.getName());
    private static final String OWNER = "network-copies";
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final String self;
    private final Supplier<List<String>> living;
    private final Supplier<List<BundleRef>> bundles;
    private final BundleStore store;
    private final long quota;
    private final long settleNanos;
    private final Thread thread;
    private List<String> seen = List.of();
    private long seenSince = System.nanoTime();
    /// This node's share, and of what it was worked out.
    private List<BundleRef> mine = List.of();

    private List<BundleRef> offered = List.of();
    private List<String> sharedBy = List.of();
    private volatile boolean closed;

    /// @param living ids of the members that can keep bundles, this node among them
    /// @param bundles all that the network offers
    /// @param quota how many bytes it keeps at most
    /// @param settle how long the members must have been the same before anything moves
    Copies(
            String self,
            Supplier<List<String>> living,
            Supplier<List<BundleRef>> bundles,
            BundleStore store,
            long quota,
            Duration settle) {
        this.self = self;
        this.living = living;
        this.bundles = bundles;
        this.store = store;
        this.quota = quota;
        this.settleNanos = settle.toNanos();
        this.thread = Thread.ofVirtual().name("copies").unstarted(this::run);
    }

    Copies start() {
        thread.start();
        return this;
    }

    /// More than a third of them, so that one is left when any third vanishes.
    static List<String> keepers(String sha256, Collection<String> members) {
        List<String> order = Rendezvous.order(sha256, members);
        return order.subList(0, Math.min(order.size(), order.size() / 3 + 1));
    }

    private void run() {
        while (!closed) {
            try {
                look();
            } catch (RuntimeException | OutOfMemoryError e) {
                // Also without memory for it now: the thread must not end.
                LOG.log(Level.WARNING, "this node's share of the bundles is not looked after; it tries again", e);
            }
            if (!closed) {
                LockSupport.parkNanos(PERIOD.toNanos());
            }
        }
    }

    private void look() {
        List<String> members = living.get();
        if (!members.equals(seen)) {
            seen = members;
            seenSince = System.nanoTime();
        }
        if (System.nanoTime() - seenSince < settleNanos) {
            return;
        }
        List<BundleRef> all = bundles.get();
        if (!all.equals(offered) || !members.equals(sharedBy)) {
            mine = share(all, members);
            offered = all;
            sharedBy = members;
            // Before they are here, so that none goes as soon as it has come.
            store.retain(OWNER, mine.stream().map(BundleRef::sha256).toList());
        }
        for (BundleRef ref : mine) {
            if (!closed && !store.contains(ref.sha256())) {
                fetch(ref);
            }
        }
    }

    private List<BundleRef> share(List<BundleRef> all, List<String> members) {
        List<BundleRef> share = new ArrayList<>();
        long bytes = 0;
        for (BundleRef ref : all) {
            if (keepers(ref.sha256(), members).contains(self)) {
                bytes += ref.size();
                if (bytes <= quota) {
                    share.add(ref);
                }
            }
        }
        if (bytes > quota) {
            LOG.log(
                    Level.WARNING,
                    "this node''s share of the network''s bundles is {0} bytes, and it keeps {1} of them at most",
                    bytes,
                    quota);
        }
        return share;
    }

    private void fetch(BundleRef ref) {
        try {
            store.load(ref, bytes -> {});
            LOG.log(Level.INFO, "keeps a copy of {0} for the network", ref.id());
        } catch (RepositoryException e) {
            LOG.log(Level.DEBUG, "no copy of {0} yet: {1}", ref.id(), e.getMessage());
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        LockSupport.unpark(thread);
        thread.join();
    }
}
