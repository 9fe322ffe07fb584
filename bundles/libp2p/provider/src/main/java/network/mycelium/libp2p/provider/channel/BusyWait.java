package network.mycelium.libp2p.provider.channel;

import java.io.IOException;
import java.io.InputStream;

/// Waits awake for the next bytes of a connection while that pays. To put a thread to sleep and wake it again takes
/// longer than a small answer from the same machine or rack; so once bytes come quickly, one after the other, the
/// reader looks for the next ones for a moment before it sleeps.
///
/// What it costs is bounded: 100 µs at most for each read, and only while all of them are answered within that; the
/// core is offered to everybody else between any two looks, and as soon as somebody takes it for longer the reader
/// sleeps as it would have. A connection with pauses in its traffic never comes here. Used by the one thread that
/// reads.
final class BusyWait {
    private static final long AWAKE_NANOS = 100_000;
    /// What comes later than that to a sleeping reader is not worth waiting for.
    private static final long QUICK_NANOS = 200_000;
    private static final int QUICK_ENOUGH = 4;
    /// Who gets the core back later than that gave it to somebody with work to do.
    private static final long CROWDED_NANOS = 40_000;
    private static final boolean ALONE = Runtime.getRuntime().availableProcessors() < 2;

    private int quick;

    /// Waits for bytes, awake or asleep, and reads them.
    int read(InputStream in, byte[] buffer, int offset, int length) throws IOException {
        if (quick >= QUICK_ENOUGH) {
            if (ALONE || !await(in)) {
                quick = 0;
            }
            return in.read(buffer, offset, length);
        }
        long begin = System.nanoTime();
        int n = in.read(buffer, offset, length);
        quick = System.nanoTime() - begin < QUICK_NANOS ? quick + 1 : 0;
        return n;
    }

    private static boolean await(InputStream in) throws IOException {
        long begin = System.nanoTime();
        for (long last = begin; in.available() == 0; ) {
            Thread.yield();
            long now = System.nanoTime();
            if (now - begin > AWAKE_NANOS || now - last > CROWDED_NANOS) {
                return false;
            }
            last = now;
        }
        return true;
    }
}
