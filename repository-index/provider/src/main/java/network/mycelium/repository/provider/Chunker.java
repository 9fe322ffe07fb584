package network.mycelium.repository.provider;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;

/// Cuts a bundle where its content says so (Xia et al., "FastCDC", USENIX ATC 2016): a part that two versions share is
/// cut alike in both, wherever it lies, so only what is new needs to travel.
final class Chunker {
    private static final int SMALLEST = 16 * 1024;
    private static final int USUAL = 64 * 1024;
    /// Cuts are rarer before the usual size and more frequent after it, so that most chunks are about as large.
    private static final long BEFORE = -1L << (64 - 18);

    private static final long AFTER = -1L << (64 - 14);
    private static final long[] GEAR =
            new SplittableRandom(0x6d7963656c69756dL).longs(256).toArray();

    private Chunker() {}

    static List<Chunk> cut(byte[] bytes) {
        List<Chunk> all = new ArrayList<>();
        for (int at = 0, end; at < bytes.length; at = end) {
            end = end(bytes, at);
            all.add(new Chunk(Digests.sha256(Arrays.copyOfRange(bytes, at, end)), end - at));
        }
        return List.copyOf(all);
    }

    private static int end(byte[] bytes, int from) {
        int limit = Math.min(bytes.length, from + BundleRef.MAX_CHUNK);
        long hash = 0;
        for (int i = Math.min(limit, from + SMALLEST); i < limit; i++) {
            hash = (hash << 1) + GEAR[bytes[i] & 0xff];
            if ((hash & (i - from < USUAL ? BEFORE : AFTER)) == 0) {
                return i + 1;
            }
        }
        return limit;
    }
}
