package network.mycelium.identity.provider;

import java.util.LinkedHashMap;
import java.util.Map;

/// How often each of many may do something: a token bucket for each. One thread at a time.
final class RateLimit<K> {
    /// At the bound the one that was not seen for longest starts anew.
    private static final int MAX = 20_000;

    private static final double NANOS = 1e9;

    private final double perSecond;
    private final double burst;
    private final Map<K, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Bucket {
        double tokens;
        long at;
    }

    RateLimit(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /// Takes one token, if there is one.
    ///
    /// @param nanos a clock that only goes forward
    boolean allows(K key, long nanos) {
        Bucket bucket = buckets.computeIfAbsent(key, k -> {
            var full = new Bucket();
            full.tokens = burst;
            full.at = nanos;
            return full;
        });
        if (buckets.size() > MAX) {
            buckets.remove(buckets.keySet().iterator().next());
        }
        bucket.tokens = Math.min(burst, bucket.tokens + (nanos - bucket.at) / NANOS * perSecond);
        bucket.at = nanos;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens -= 1;
        return true;
    }
}
