package network.mycelium.libp2p.provider.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import network.mycelium.libp2p.provider.channel.Wire;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.limits.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class YamuxFuzzTest {
    private static final class Canned implements Wire {
        private final ByteArrayInputStream in;

        private Canned(byte[] bytes) {
            in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return in.read(buffer, offset, length);
        }

        @Override
        public boolean readable() {
            return in.available() > 0;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) {}

        @Override
        public void close() {}
    }

    private static final YamuxSession.Owner NOBODY = new YamuxSession.Owner() {
        @Override
        public void streamOpened(YamuxStream stream) {
            stream.served();
        }

        @Override
        public void streamClosed(YamuxStream stream) {}
    };

    private static IOException feed(byte[] bytes, Scope scope) {
        return new YamuxSession(new Canned(bytes), false, YamuxConfig.DEFAULT, scope, NOBODY).run();
    }

    private static Scope scope() {
        return new Scope(() -> "test", new Limits(10, 100, 1 << 20));
    }

    @Test
    @Timeout(60)
    void frames_of_any_kind_end_the_session_at_worst_and_hold_nothing() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[Frame.HEADER * 20];
            for (int i = 0; i < 20; i++) {
                int length = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(Frame.HEADER * 4);
                Frame.write(bytes, i * Frame.HEADER, random.nextInt(5), random.nextInt(16), random.nextInt(6), length);
            }
            for (int k = random.nextInt(3); k > 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Scope scope = scope();
            assertThat(feed(bytes, scope)).isNotNull();
            assertThat(scope.isEmpty())
                    .as("all given back, seed %d round %d", seed, round)
                    .isTrue();
        }
    }

    @Test
    void more_than_the_window_ends_the_session() {
        byte[] bytes = new byte[Frame.HEADER + YamuxStream.INITIAL_WINDOW + 1];
        Frame.write(bytes, 0, Frame.DATA, Frame.SYN, 1, YamuxStream.INITIAL_WINDOW + 1);
        assertThat(feed(bytes, scope())).isInstanceOf(YamuxException.class).hasMessageContaining("credit");
    }

    @Test
    void a_huge_announced_length_takes_no_memory() {
        byte[] bytes = new byte[Frame.HEADER];
        Frame.write(bytes, 0, Frame.DATA, 0, 7, Integer.MAX_VALUE);
        assertThat(feed(bytes, scope())).isInstanceOf(YamuxException.class).hasMessageContaining("for no stream");
        Frame.write(bytes, 0, Frame.DATA, Frame.SYN, 1, -1);
        assertThat(feed(bytes, scope())).isInstanceOf(YamuxException.class);
    }
}
