package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.provider.protocols.Ping;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams whose proposal goes out with the first bytes.
@Timeout(120)
class LazyStreamTest {
    private static final int STREAMS = 16_000;
    private static final int AT_ONCE = 200;

    private static void use(Connection connection, int number) throws IOException, InterruptedException {
        byte[] sent = new byte[32];
        sent[0] = (byte) number;
        sent[1] = (byte) (number >> 8);
        try (Stream stream = connection.open(Ping.PROTOCOL)) {
            stream.timeout(Duration.ofSeconds(20));
            var start = new CountDownLatch(1);
            var failure = new IOException[1];
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    start.await();
                    stream.write(sent, 0, 16);
                    stream.write(sent, 16, 16);
                } catch (IOException e) {
                    failure[0] = e;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            start.countDown();
            assertThat(stream.input().readNBytes(32)).isEqualTo(sent);
            writer.join();
            if (failure[0] != null) {
                throw failure[0];
            }
        }
    }

    @Test
    void one_thread_reads_while_another_writes_and_no_stream_breaks() throws Exception {
        Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        try (var two = new TwoSwarms()) {
            Connection connection = two.connect();
            Awaitility.await()
                    .until(() -> two.a
                            .peer(two.b.id())
                            .filter(p -> p.protocols().contains(Ping.PROTOCOL))
                            .isPresent());
            var room = new Semaphore(AT_ONCE);
            for (int i = 0; i < STREAMS; i++) {
                int number = i;
                room.acquire();
                Thread.startVirtualThread(() -> {
                    try {
                        use(connection, number);
                    } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
                        broken.add(e);
                    } finally {
                        room.release();
                    }
                });
            }
            room.acquire(AT_ONCE);
        }
        assertThat(broken).isEmpty();
    }
}
