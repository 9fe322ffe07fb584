package network.mycelium.libp2p.provider.limits;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Host.Usage;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;

/// Counts what is used against limits, in this scope and in all above it: what does not fit in one of them is refused
/// and counted nowhere. Safe from any thread, without a lock.
public final class Scope {
    /// What is counted.
    public enum Resource {
        CONNECTIONS,
        STREAMS,
        MEMORY
    }

    private final String name;
    private final List<Scope> above = new ArrayList<>();
    private final long[] limits;
    private final AtomicLong[] used = {new AtomicLong(), new AtomicLong(), new AtomicLong()};
    private final AtomicLong[] refused = {new AtomicLong(), new AtomicLong(), new AtomicLong()};

    public Scope(String name, Limits limits, Scope... above) {
        this.name = name;
        this.limits = new long[] {limits.connections(), limits.streams(), limits.memory()};
        this.above.addAll(List.of(above));
    }

    /// @throws Libp2pException LIMIT, naming the scope and the resource
    public void reserve(Resource resource, long amount) throws Libp2pException {
        Scope full = tryReserve(resource, amount);
        if (full != null) {
            throw new Libp2pException(
                    Kind.LIMIT,
                    "The limit of %d %s in the scope %s is reached"
                            .formatted(
                                    full.limits[resource.ordinal()],
                                    resource.name().toLowerCase(java.util.Locale.ROOT),
                                    full.name));
        }
    }

    /// @return null if all scopes took it, else the one that is full
    public Scope tryReserve(Resource resource, long amount) {
        int r = resource.ordinal();
        if (used[r].addAndGet(amount) > limits[r]) {
            used[r].addAndGet(-amount);
            refused[r].incrementAndGet();
            return this;
        }
        for (int i = 0; i < above.size(); i++) {
            Scope full = above.get(i).tryReserve(resource, amount);
            if (full != null) {
                for (int k = 0; k < i; k++) {
                    above.get(k).release(resource, amount);
                }
                used[r].addAndGet(-amount);
                return full;
            }
        }
        return null;
    }

    public void release(Resource resource, long amount) {
        used[resource.ordinal()].addAndGet(-amount);
        above.forEach(scope -> scope.release(resource, amount));
    }

    public long used(Resource resource) {
        return used[resource.ordinal()].get();
    }

    /// Whether nothing is counted here.
    public boolean isEmpty() {
        return used[0].get() == 0 && used[1].get() == 0 && used[2].get() == 0;
    }

    public String name() {
        return name;
    }

    public Map<String, Usage> usage() {
        Map<String, Usage> usage = new LinkedHashMap<>();
        for (Resource resource : Resource.values()) {
            int r = resource.ordinal();
            usage.put(
                    resource.name().toLowerCase(java.util.Locale.ROOT),
                    new Usage(used[r].get(), limits[r], refused[r].get()));
        }
        return usage;
    }
}
