package network.mycelium.identity.core.store;

import java.util.LinkedHashMap;
import java.util.Map;

/// How many signatures are checked: buckets of tokens that fill with the time that is handed in. A second's worth fits
/// into each. One thread at a time.
final class SignatureBudget {
    /// Peers that are remembered; the one that was silent the longest is forgotten first.
    static final int MAX_PEERS = 4_096;

    private static final class Bucket {
        final int perSecond;
        double tokens;
        long filled;
        int bad;

        Bucket(int perSecond, long now) {
            this.perSecond = perSecond;
            this.tokens = perSecond;
            this.filled = now;
        }

        void fill(long now) {
            // A clock that goes back gives nothing.
            tokens = Math.min(perSecond, tokens + Math.max(0, now - filled) * perSecond / 1000.0);
            filled = now;
        }

        /// Milliseconds until there are as many, 0 if there are. What is more than fits waits for a full bucket.
        long wait(int checks) {
            double missing = Math.min(checks, perSecond) - tokens;
            return missing <= 0 ? 0 : (long) Math.ceil(missing * 1000 / perSecond);
        }
    }

    private final Bucket strangers = new Bucket(Limits.CHECKS_OF_STRANGERS, 0);
    private final Map<String, Bucket> peers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_PEERS;
        }
    };

    private Bucket of(Sender sender, long now) {
        return peers.computeIfAbsent(sender.peer(), p -> new Bucket(Limits.CHECKS_OF_PEER, now));
    }

    /// Takes what the checks cost, or nothing.
    ///
    /// @return how many milliseconds to wait before another try, 0 if it is paid
    long pay(Sender sender, int checks, long now) {
        Bucket mine = of(sender, now);
        mine.fill(now);
        strangers.fill(now);
        long wait = Math.max(mine.wait(checks), sender.member() ? 0 : strangers.wait(checks));
        if (wait == 0) {
            mine.tokens -= checks;
            strangers.tokens -= sender.member() ? 0 : checks;
        }
        return wait;
    }

    void bad(Sender sender, long now) {
        of(sender, now).bad++;
    }

    boolean isSpent(Sender sender, long now) {
        return of(sender, now).bad >= Limits.BAD_SIGNATURES;
    }
}
