package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import network.mycelium.files.Sha256;
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

    /// @param in is read to its end, a chunk at a time
    static List<Chunk> cut(InputStream in) throws IOException {
        List<Chunk> all = new ArrayList<>();
        byte[] window = new byte[BundleRef.MAX_CHUNK];
        int filled = in.readNBytes(window, 0, window.length);
        while (filled > 0) {
            int end = end(window, filled);
            all.add(new Chunk(Sha256.of(window, 0, end), end));
            System.arraycopy(window, end, window, 0, filled - end);
            filled -= end;
            filled += in.readNBytes(window, filled, window.length - filled);
        }
        return List.copyOf(all);
    }

    private static int end(byte[] bytes, int limit) {
        long hash = 0;
        for (int i = Math.min(limit, SMALLEST); i < limit; i++) {
            hash = (hash << 1) + GEAR[bytes[i] & 0xff];
            if ((hash & (i < USUAL ? BEFORE : AFTER)) == 0) {
                return i + 1;
            }
        }
        return limit;
    }
}
