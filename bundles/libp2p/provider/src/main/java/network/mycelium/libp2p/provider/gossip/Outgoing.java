package network.mycelium.libp2p.provider.gossip;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.wire.Delimited;

/// An encoded RPC. It may wait for many peers at once; its bytes count once, from the first queue that holds it until
/// the last one has sent it.
///
/// Threading: one thread at a time holds; any may release.
final class Outgoing {
    /// What waits for all peers together.
    static final class Budget {
        private final long max;
        private final AtomicLong used = new AtomicLong();

        Budget(long max) {
            this.max = max;
        }

        long used() {
            return used.get();
        }

        private boolean take(int bytes) {
            if (used.addAndGet(bytes) > max) {
                used.addAndGet(-bytes);
                return false;
            }
            return true;
        }
    }

    private final byte[] bytes;
    private final boolean vital;
    private final Budget budget;
    private final AtomicInteger holders = new AtomicInteger();

    Outgoing(Rpc rpc, Budget budget) {
        this.bytes = Delimited.frame(rpc.bytes());
        this.vital = rpc.isVital();
        this.budget = budget;
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return bytes.length;
    }

    boolean isVital() {
        return vital;
    }

    /// @return whether there is room for it
    boolean hold() {
        if (holders.getAndIncrement() == 0 && !budget.take(bytes.length)) {
            holders.decrementAndGet();
            return false;
        }
        return true;
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            budget.used.addAndGet(-bytes.length);
        }
    }
}
