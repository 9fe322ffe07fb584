package network.mycelium.libp2p.provider.protocols;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import network.mycelium.libp2p.Stream;

/// libp2p/specs perf: the client names how many bytes it wants, uploads and closes its half; then it gets them.
public final class Perf {
    public static final String PROTOCOL = "/perf/1.0.0";
    private static final int CHUNK = 64 * 1024;

    private Perf() {}

    public static void answer(Stream stream) throws IOException {
        byte[] buffer = new byte[CHUNK];
        if (stream.input().readNBytes(buffer, 0, 8) < 8) {
            throw new EOFException("A perf client named no number of bytes");
        }
        long wanted = ByteBuffer.wrap(buffer).getLong();
        while (stream.read(buffer, 0, CHUNK) >= 0) {}
        send(stream, buffer, wanted);
    }

    /// Uploads, then downloads.
    ///
    /// @return bytes that came
    public static long run(Stream stream, long up, long down) throws IOException {
        byte[] buffer = new byte[CHUNK];
        stream.write(ByteBuffer.allocate(8).putLong(down).array(), 0, 8);
        send(stream, buffer, up);
        long came = 0;
        for (int n; (n = stream.read(buffer, 0, CHUNK)) >= 0; ) {
            came += n;
        }
        return came;
    }

    private static void send(Stream stream, byte[] buffer, long count) throws IOException {
        for (long left = count; left > 0; ) {
            int n = (int) Math.min(left, CHUNK);
            stream.write(buffer, 0, n);
            left -= n;
        }
        stream.closeWrite();
    }
}
