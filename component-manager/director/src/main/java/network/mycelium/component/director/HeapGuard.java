package network.mycelium.component.director;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Tells a heap that is full for good from one with garbage in it, soon enough: it looks several times a second, as a
/// heap fills faster than anything else is looked at, and every thread that finds no memory may be the last of its
/// kind.
/// And it holds a reserve back, which goes first, so that a node with a full heap can still say so and let go of what
/// fills it.
///
/// Thread-safe.
final class HeapGuard implements AutoCloseable {
    private static final int FULL_PERCENT = 85;
    /// Below this much in use there is room for the reserve again.
    private static final int ROOM_PERCENT = 60;
    /// What telling the others, and going back to another version, takes at most.
    static final int RESERVE_BYTES = 2 << 20;
    /// A collection stops the node for as long as it takes, so not too often.
    private static final Duration BETWEEN = Duration.ofSeconds(2);
    /// Two reads of a counter.
    private static final Duration LOOK = Duration.ofMillis(100);

    /// What there is to look at.
    interface Heap {
        long used();

        long max();

        void collect();
    }

    private static final class OfThisProcess implements Heap {
        private final Runtime runtime = Runtime.getRuntime();

        @Override
        public long used() {
            return runtime.totalMemory() - runtime.freeMemory();
        }

        @Override
        public long max() {
            return runtime.maxMemory();
        }

        @Override
        public void collect() {
            System.gc();
        }
    }

    private final Heap heap;
    private final LongSupplier nanos;
    /// Guarded by this, as all that follows.
    private long lastNanos;

    private byte[] reserve = new byte[RESERVE_BYTES];
    private boolean exhausted;
    private String found = "";
    private Thread watch;

    HeapGuard() {
        this(new OfThisProcess(), System::nanoTime);
    }

    HeapGuard(Heap heap, LongSupplier nanos) {
        this.heap = heap;
        this.nanos = nanos;
        this.lastNanos = nanos.getAsLong() - BETWEEN.toNanos();
    }

    /// Looks by itself from now on.
    ///
    /// @param alarm called from another thread when the heap is full
    synchronized void watch(Runnable alarm) {
        watch = Thread.ofPlatform().daemon().name("heap-guard").start(() -> {
            try {
                while (true) {
                    Thread.sleep(LOOK);
                    if (look()) {
                        alarm.run();
                    }
                }
            } catch (InterruptedException e) {
                // That is how it is closed.
                return;
            }
        });
    }

    @Override
    public synchronized void close() {
        if (watch != null) {
            watch.interrupt();
        }
    }

    /// Something found no memory: lets the reserve go. The next look counts, however soon it is.
    synchronized void exhausted() {
        reserve = null;
        exhausted = true;
    }

    /// @return what is wrong with this node's heap; once for each time that it was found
    synchronized Optional<String> trouble() {
        look();
        String trouble = found;
        found = "";
        return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
    }

    /// @return whether the heap was found to be full
    private synchronized boolean look() {
        if (!isFull()) {
            found = "";
            holdBack();
            return false;
        }
        if (!exhausted && nanos.getAsLong() - lastNanos < BETWEEN.toNanos()) {
            return false;
        }
        lastNanos = nanos.getAsLong();
        exhausted = false;
        heap.collect();
        if (!isFull()) {
            return false;
        }
        reserve = null;
        found = "the heap has " + (heap.used() >> 20) + " of " + (heap.max() >> 20) + " MiB in use since it runs";
        return true;
    }

    private void holdBack() {
        if (reserve == null && heap.used() < heap.max() / 100 * ROOM_PERCENT) {
            reserve = new byte[RESERVE_BYTES];
        }
    }

    /// Whether the reserve is held back.
    synchronized boolean hasReserve() {
        return reserve != null;
    }

    private boolean isFull() {
        return heap.used() > heap.max() / 100 * FULL_PERCENT;
    }
}
