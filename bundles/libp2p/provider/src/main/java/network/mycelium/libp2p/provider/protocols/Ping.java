package network.mycelium.libp2p.provider.protocols;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Stream;

/// libp2p/specs ping: 32 random bytes that come back.
public final class Ping {
    public static final String PROTOCOL = "/ipfs/ping/1.0.0";
    private static final int SIZE = 32;
    private static final Duration IDLE = Duration.ofMinutes(2);

    private Ping() {}

    /// Answers until the other side is done or silent for two minutes.
    public static void answer(Stream stream) throws IOException {
        stream.timeout(IDLE);
        byte[] bytes = new byte[SIZE];
        while (stream.input().readNBytes(bytes, 0, SIZE) == SIZE) {
            stream.write(bytes, 0, SIZE);
        }
    }

    public static Duration measure(Stream stream) throws IOException {
        byte[] sent = new byte[SIZE];
        ThreadLocalRandom.current().nextBytes(sent);
        long start = System.nanoTime();
        stream.write(sent, 0, SIZE);
        if (!Arrays.equals(sent, stream.input().readNBytes(SIZE))) {
            throw new Libp2pException(Kind.INVALID, "The peer answered a ping with other bytes");
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
