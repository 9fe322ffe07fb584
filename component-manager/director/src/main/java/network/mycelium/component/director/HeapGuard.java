package network.mycelium.component.director;

import java.time.Duration;
import java.util.Optional;

/// Tells a heap that is full for good from one with garbage in it. One thread at a time.
final class HeapGuard {
    private static final int FULL_PERCENT = 85;
    /// A collection stops the node for as long as it takes, so not too often.
    private static final Duration BETWEEN = Duration.ofSeconds(2);

    private final Runtime runtime = Runtime.getRuntime();
    private long lastNanos = System.nanoTime() - BETWEEN.toNanos();

    /// @return what is wrong with this node's heap
    Optional<String> trouble() {
        if (!isFull() || System.nanoTime() - lastNanos < BETWEEN.toNanos()) {
            return Optional.empty();
        }
        lastNanos = System.nanoTime();
        System.gc();
        return isFull()
                ? Optional.of("the heap has %d of %d MiB in use since it runs"
                        .formatted(used() >> 20, runtime.maxMemory() >> 20))
                : Optional.empty();
    }

    private boolean isFull() {
        return used() > runtime.maxMemory() / 100 * FULL_PERCENT;
    }

    private long used() {
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
