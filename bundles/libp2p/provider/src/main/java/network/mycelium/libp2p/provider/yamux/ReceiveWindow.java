package network.mycelium.libp2p.provider.yamux;

import network.mycelium.libp2p.provider.limits.Scope;

/// How much a peer may send on a stream before it gets more credit. It doubles while it is emptied faster than four
/// round
/// trips. Used under the stream's lock.
final class ReceiveWindow {
    private static final int FEW_ROUND_TRIPS = 4;

    private final Scope scope;
    private final int most;
    private int size;
    private int credit;
    private long lastUpdate = System.nanoTime();

    /// @param scope counts the memory
    /// @param size bytes at first
    /// @param most bytes at last
    ReceiveWindow(Scope scope, int size, int most) {
        this.scope = scope;
        this.most = most;
        this.size = size;
        this.credit = size;
    }

    /// The peer has sent this.
    void take(int bytes) throws YamuxException {
        if (bytes > credit) {
            throw new YamuxException("The peer sent %d bytes with a credit of %d".formatted(bytes, credit));
        }
        credit -= bytes;
    }

    /// Credit to give back after bytes were read: in halves of the window, so that updates stay few.
    ///
    /// @param waiting bytes that were not read yet
    /// @return 0 for none yet
    int toGive(int waiting, long roundTripNanos) {
        int give = size - waiting - credit;
        if (give < size / 2) {
            return 0;
        }
        long now = System.nanoTime();
        if (now - lastUpdate < FEW_ROUND_TRIPS * roundTripNanos && size < most) {
            int grown = Math.min(2 * size, most);
            // Only while memory for it could be had; the buffer itself reserves as it fills.
            if (scope.tryReserve(Scope.Resource.MEMORY, grown) == null) {
                scope.release(Scope.Resource.MEMORY, grown);
                give += grown - size;
                size = grown;
            }
        }
        lastUpdate = now;
        credit += give;
        return give;
    }
}
