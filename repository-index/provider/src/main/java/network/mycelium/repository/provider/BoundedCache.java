package network.mycelium.repository.provider;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// A map that is emptied when it is full: for values that can be computed again. Thread-safe.
final class BoundedCache<K, V> extends ConcurrentHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private final int limit;

    BoundedCache(int limit) {
        this.limit = limit;
    }

    @Override
    public V computeIfAbsent(K key, Function<? super K, ? extends V> compute) {
        V known = get(key);
        if (known != null) {
            return known;
        }
        if (size() >= limit) {
            clear();
        }
        return super.computeIfAbsent(key, compute);
    }
}
