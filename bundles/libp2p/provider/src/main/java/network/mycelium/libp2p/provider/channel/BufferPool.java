package network.mycelium.libp2p.provider.channel;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/// Large buffers that connections borrow while bytes flow, so that an idle connection holds none. Safe from any thread.
public final class BufferPool {
    /// Bytes of each buffer: two of the largest Noise messages.
    public static final int SIZE = 128 * 1024 + 64;

    private static final int MAX_KEPT = 32;
    private static final ConcurrentLinkedDeque<byte[]> FREE = new ConcurrentLinkedDeque<>();
    private static final AtomicInteger KEPT = new AtomicInteger();

    private BufferPool() {}

    public static byte[] borrow() {
        byte[] buffer = FREE.pollFirst();
        if (buffer == null) {
            return new byte[SIZE];
        }
        KEPT.decrementAndGet();
        return buffer;
    }

    /// The giver must not use the buffer any more.
    public static void giveBack(byte[] buffer) {
        if (KEPT.incrementAndGet() <= MAX_KEPT) {
            FREE.addFirst(buffer);
        } else {
            KEPT.decrementAndGet();
        }
    }
}
