package network.mycelium.libp2p.provider.yamux;

import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.provider.limits.Scope;

/// A ring of received bytes that grows with need, up to the window, and counts itself against the limits. The session's
/// reader fills it and one reader of the stream empties it; both hold the stream's lock except while bytes are copied.
final class ReceiveBuffer {
    private static final int FIRST = 1024;
    private static final byte[] NONE = {};

    private final Scope scope;
    private byte[] ring = NONE;
    private int head;
    private int size;
    private int reserved;

    ReceiveBuffer(Scope scope) {
        this.scope = scope;
    }

    int size() {
        return size;
    }

    /// Makes room for so many bytes more.
    ///
    /// @throws Libp2pException LIMIT if the limits on memory do not allow it
    void ensure(int more) throws Libp2pException {
        if (ring.length - size >= more) {
            return;
        }
        int capacity = Math.max(FIRST, Integer.highestOneBit(Math.max(1, size + more - 1)) << 1);
        scope.reserve(Scope.Resource.MEMORY, capacity - reserved);
        reserved = capacity;
        byte[] larger = new byte[capacity];
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, size - first);
        ring = larger;
        head = 0;
    }

    /// Where the next received byte goes.
    int tail() {
        return head + size & ring.length - 1;
    }

    void filled(int count) {
        size += count;
    }

    byte[] ring() {
        return ring;
    }

    int head() {
        return head;
    }

    void taken(int count) {
        head = head + count & ring.length - 1;
        size -= count;
    }

    /// Is no longer counted; what is in it can still be read, and nothing more comes.
    void uncount() {
        scope.release(Scope.Resource.MEMORY, reserved);
        reserved = 0;
    }

    /// Drops everything.
    void release() {
        uncount();
        ring = NONE;
        head = size = 0;
    }
}
