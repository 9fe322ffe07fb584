package network.mycelium.component.provider;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import network.mycelium.component.provider.NodeSet.ComponentRecord;

/// Leases and health of all components, by their keys. Thread-safe.
final class Runtimes {
    private final LongSupplier clock;
    private final Map<String, ComponentRuntime> runtimes = new HashMap<>();

    /// @param clock milliseconds since the epoch
    Runtimes(LongSupplier clock) {
        this.clock = clock;
    }

    synchronized ComponentRuntime of(String key) {
        return runtimes.computeIfAbsent(key, k -> new ComponentRuntime(clock));
    }

    /// Who holds what by a lease.
    synchronized Map<String, List<String>> holders() {
        Map<String, List<String>> held = new HashMap<>();
        runtimes.forEach((key, runtime) -> held.put(key, runtime.holders()));
        return held;
    }

    /// The leases go with the component; how its old version fared does not.
    synchronized void move(ComponentRecord old, Optional<ComponentRecord> subject) {
        ComponentRuntime runtime = runtimes.remove(old.key());
        if (runtime != null && subject.isPresent()) {
            runtime.startAfresh();
            runtimes.put(subject.get().key(), runtime);
        }
    }
}
