package network.mycelium.shell.provider.health;

import java.util.List;
import java.util.function.LongSupplier;
import network.mycelium.node.health.HealthCheck;

/// Whether memory is left.
public final class HeapCheck implements HealthCheck {
    private static final int MAX_PERCENT = 95;

    private final LongSupplier used;
    private final long limit;

    public HeapCheck() {
        this(
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
                Runtime.getRuntime().maxMemory());
    }

    HeapCheck(LongSupplier used, long limit) {
        this.used = used;
        this.limit = limit;
    }

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public Finding look() {
        long percent = 100 * used.getAsLong() / limit;
        return new Finding(
                percent + " % used",
                percent <= MAX_PERCENT
                        ? List.of()
                        : List.of(
                                new Problem(
                                        "the heap is nearly full: %d %% of %d MiB".formatted(percent, limit >> 20),
                                        "unload components (`component list`), or give the node more by -Xmx in lib/jvm.options")));
    }
}
