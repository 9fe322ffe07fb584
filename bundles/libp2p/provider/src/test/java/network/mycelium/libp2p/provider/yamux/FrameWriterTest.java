package network.mycelium.libp2p.provider.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.provider.channel.Wire;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.limits.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FrameWriterTest {
    private static final int DATA = 60_000;

    /// A socket whose other end reads nothing until it is let.
    private static final class StuckWire implements Wire {
        private final CountDownLatch free = new CountDownLatch(1);
        private final AtomicInteger written = new AtomicInteger();
        private volatile boolean stuck;

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return -1;
        }

        @Override
        public boolean readable() {
            return false;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            stuck = true;
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            written.addAndGet(length);
        }

        @Override
        public void close() {
            free.countDown();
        }
    }

    private static final YamuxSession.Owner NOBODY = new YamuxSession.Owner() {
        @Override
        public void streamOpened(YamuxStream stream) {}

        @Override
        public void streamClosed(YamuxStream stream) {}
    };

    @Test
    void a_stream_s_time_limit_holds_while_it_waits_for_a_stuck_socket() throws Exception {
        var wire = new StuckWire();
        var scope = new Scope(() -> "test", new Limits(10, 100, 1 << 20));
        var session = new YamuxSession(wire, true, YamuxConfig.DEFAULT, scope, NOBODY);
        var streams = new YamuxStream[] {session.open(), session.open(), session.open(), session.open()};
        Thread first = Thread.startVirtualThread(() -> write(streams[0]));
        await().until(() -> wire.stuck);
        // Two frames fill what may be pending.
        write(streams[1]);
        write(streams[2]);
        streams[3].timeout(Duration.ofMillis(50));
        assertThatThrownBy(() -> streams[3].write(new byte[DATA], 0, DATA))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("did not read in time");

        // It was not sent in part: the stream can still be used when the socket is free again.
        wire.free.countDown();
        first.join();
        write(streams[3]);
        assertThat(wire.written).hasValue(4 * (DATA + Frame.HEADER));
    }

    private static void write(YamuxStream stream) {
        try {
            stream.write(new byte[DATA], 0, DATA);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
