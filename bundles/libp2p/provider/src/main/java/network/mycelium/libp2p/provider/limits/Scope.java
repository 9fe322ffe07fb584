package network.mycelium.libp2p.provider.limits;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import network.mycelium.libp2p.Host.Usage;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;

/// Counts what is used against limits, in this scope and in all above it: what does not fit in one of them
/// is refused and counted nowhere. The last quarter of a scope's memory is for those scopes in it that use
/// a sixteenth at most of what they may: so few that take all they can do not keep the others from the
/// little that these need. Safe from any thread, without a lock.
public final class Scope {
    /// What is counted.
    public enum Resource {
        CONNECTIONS,
        STREAMS,
        MEMORY
    }

    private static final int MODEST = 16;
    private static final int FOR_MODEST = 4;

    private final Supplier<String> name;
    private final Scope[] above;
    private final Limits limits;
    private final AtomicLongArray used = new AtomicLongArray(Resource.values().length);
    private final AtomicLongArray refused = new AtomicLongArray(Resource.values().length);

    /// @param name made when it is asked for: most scopes are a peer's, and nobody asks for their names
    public Scope(Supplier<String> name, Limits limits, Scope... above) {
        this.name = name;
        this.limits = limits;
        this.above = above;
    }

    private long limit(Resource resource) {
        return switch (resource) {
            case CONNECTIONS -> limits.connections();
            case STREAMS -> limits.streams();
            case MEMORY -> limits.memory();
        };
    }

    /// @throws Libp2pException LIMIT, naming the scope and the resource
    public void reserve(Resource resource, long amount) throws Libp2pException {
        Scope full = tryReserve(resource, amount);
        if (full != null) {
            throw new Libp2pException(
                    Kind.LIMIT,
                    "The limit of %d %s in the scope %s is reached"
                            .formatted(
                                    full.limit(resource),
                                    resource.name().toLowerCase(java.util.Locale.ROOT),
                                    full.name.get()));
        }
    }

    /// @return null if all scopes took it, else the one that is full
    public Scope tryReserve(Resource resource, long amount) {
        return tryReserve(resource, amount, limit(resource));
    }

    private Scope tryReserve(Resource resource, long amount, long limit) {
        int r = resource.ordinal();
        long mine = used.addAndGet(r, amount);
        if (mine > limit) {
            used.addAndGet(r, -amount);
            refused.incrementAndGet(r);
            return this;
        }
        boolean modest = resource != Resource.MEMORY || mine <= limit(resource) / MODEST;
        for (int i = 0; i < above.length; i++) {
            long all = above[i].limit(resource);
            Scope full = above[i].tryReserve(resource, amount, modest ? all : all - all / FOR_MODEST);
            if (full != null) {
                for (int k = 0; k < i; k++) {
                    above[k].release(resource, amount);
                }
                used.addAndGet(r, -amount);
                return full;
            }
        }
        return null;
    }

    public void release(Resource resource, long amount) {
        used.addAndGet(resource.ordinal(), -amount);
        for (Scope scope : above) {
            scope.release(resource, amount);
        }
    }

    public long used(Resource resource) {
        return used.get(resource.ordinal());
    }

    /// Whether nothing is counted here.
    public boolean isEmpty() {
        for (int r = 0; r < used.length(); r++) {
            if (used.get(r) != 0) {
                return false;
            }
        }
        return true;
    }

    public String name() {
        return name.get();
    }

    public Map<String, Usage> usage() {
        Map<String, Usage> usage = new LinkedHashMap<>();
        for (Resource resource : Resource.values()) {
            int r = resource.ordinal();
            usage.put(
                    resource.name().toLowerCase(java.util.Locale.ROOT),
                    new Usage(used.get(r), limit(resource), refused.get(r)));
        }
        return usage;
    }
}
