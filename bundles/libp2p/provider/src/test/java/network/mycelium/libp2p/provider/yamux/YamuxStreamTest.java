package network.mycelium.libp2p.provider.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams, by the frames that come and go.
@Timeout(30)
class YamuxStreamTest {
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

    private static void assertFails(Kind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Libp2pException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static YamuxStream first(ScriptedPeer peer) {
        await().until(() -> !peer.opened.isEmpty());
        return peer.opened.getFirst();
    }

    private static int read(YamuxStream stream) throws Exception {
        return stream.read(new byte[100], 0, 100);
    }

    /// Waits until the reader has taken all that came before.
    private static void awaitTaken(ScriptedPeer peer, int pings) {
        peer.frame(Frame.PING, Frame.SYN, 0, pings);
        await().until(() -> peer.sent().contains(new ScriptedPeer.Sent(Frame.PING, Frame.ACK, 0, pings)));
    }

    private static void assertNothingHeld(ScriptedPeer peer) throws Exception {
        peer.hangUp();
        peer.awaitEnd();
        peer.opened.forEach(YamuxStream::served);
        assertThat(peer.scope.isEmpty()).isTrue();
        assertThat(peer.session.streams()).isEmpty();
    }

    @Test
    void a_syn_with_fin_opens_a_stream_that_says_nothing_and_can_be_answered() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN | Frame.FIN, 1, 0);
        YamuxStream stream = first(peer);
        assertThat(read(stream)).isEqualTo(-1);
        stream.write(HELLO, 0, 5);
        stream.closeWrite();
        assertThat(peer.sent())
                .contains(new ScriptedPeer.Sent(Frame.DATA, Frame.ACK, 1, 5))
                .contains(new ScriptedPeer.Sent(Frame.DATA, Frame.FIN, 1, 0));
        assertThat(peer.session.streams()).isEmpty();
        assertNothingHeld(peer);
    }

    @Test
    void data_with_fin_is_read_before_the_end_and_what_comes_after_it_is_not() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.data(Frame.SYN | Frame.FIN, 1, HELLO);
        peer.data(0, 1, HELLO);
        awaitTaken(peer, 1);
        YamuxStream stream = first(peer);
        assertThat(read(stream)).isEqualTo(5);
        assertThat(read(stream)).isEqualTo(-1);
        assertThat(peer.session.isOpen()).isTrue();
        stream.close();
        assertNothingHeld(peer);
    }

    @Test
    void a_reset_after_the_end_leaves_what_was_sent_to_be_read() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.data(Frame.SYN | Frame.FIN, 1, HELLO);
        peer.frame(Frame.WINDOW_UPDATE, Frame.RST, 1, 0);
        awaitTaken(peer, 1);
        YamuxStream stream = first(peer);
        assertThat(read(stream)).isEqualTo(5);
        assertFails(Kind.RESET, () -> stream.write(HELLO, 0, 5));
        assertNothingHeld(peer);
    }

    @Test
    void a_reset_with_the_syn_and_one_for_a_stream_long_gone_harm_nothing() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN | Frame.RST, 1, 0);
        peer.frame(Frame.WINDOW_UPDATE, Frame.RST, 1, 0);
        peer.frame(Frame.WINDOW_UPDATE, Frame.RST, 99, 0);
        peer.data(Frame.FIN, 99, HELLO);
        awaitTaken(peer, 1);
        assertFails(Kind.RESET, () -> read(first(peer)));
        assertThat(peer.session.isOpen()).isTrue();
        assertNothingHeld(peer);
    }

    @Test
    void after_go_away_open_streams_go_on_and_new_ones_are_refused_on_both_sides() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.data(Frame.SYN, 1, HELLO);
        peer.frame(Frame.GO_AWAY, 0, 0, 0);
        peer.data(0, 1, HELLO);
        peer.data(Frame.SYN, 3, HELLO);
        awaitTaken(peer, 1);
        YamuxStream stream = first(peer);
        assertThat(read(stream)).isEqualTo(10);
        stream.write(HELLO, 0, 5);
        assertThat(peer.opened).hasSize(1);
        assertThat(peer.sent()).contains(new ScriptedPeer.Sent(Frame.WINDOW_UPDATE, Frame.RST, 3, 0));
        assertFails(Kind.CLOSED, peer.session::open);
        stream.reset();
        assertNothingHeld(peer);
    }

    @Test
    void go_away_with_an_error_ends_the_session() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.data(Frame.SYN, 1, HELLO);
        peer.frame(Frame.GO_AWAY, 0, 0, 2);
        peer.awaitEnd();
        assertThat(peer.end).hasMessageContaining("code 2");
        assertNothingHeld(peer);
    }

    @Test
    void credit_beyond_32_bits_ends_the_session() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, -1);
        peer.awaitEnd();
        assertThat(peer.end).isInstanceOf(YamuxException.class).hasMessageContaining("32 bits");
        assertNothingHeld(peer);
    }

    /// Fills a stream's window and empties it again.
    private static void fill(ScriptedPeer peer, YamuxStream stream, int bytes) throws Exception {
        byte[] part = new byte[bytes];
        peer.data(0, 1, part);
        awaitTaken(peer, peer.sent().size());
        assertThat(stream.read(part, 0, bytes)).isEqualTo(bytes);
    }

    private static long given(ScriptedPeer peer) {
        return peer.sent().stream()
                .filter(f -> f.type() == Frame.WINDOW_UPDATE && f.stream() == 1)
                .mapToLong(ScriptedPeer.Sent::value)
                .sum();
    }

    private static void measureRoundTrip(ScriptedPeer peer, Duration trip) {
        peer.session.heartbeat(Duration.ofSeconds(10).toNanos());
        await().until(() -> peer.sent().stream().anyMatch(f -> f.type() == Frame.PING));
        int value = peer.sent().stream()
                .filter(f -> f.type() == Frame.PING)
                .findFirst()
                .orElseThrow()
                .value();
        long until = System.nanoTime() + trip.toNanos();
        await().pollDelay(Duration.ZERO).until(() -> System.nanoTime() > until);
        peer.frame(Frame.PING, Frame.ACK, 0, value);
        await().until(() -> peer.session.roundTripNanos() > 0);
    }

    @Test
    void a_window_that_is_emptied_within_four_round_trips_doubles_up_to_the_largest() throws Exception {
        var peer = new ScriptedPeer().start();
        measureRoundTrip(peer, Duration.ofSeconds(1));
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0);
        YamuxStream stream = first(peer);
        int window = YamuxStream.INITIAL_WINDOW;
        long received = 0;
        for (int i = 0; i < 6; i++) {
            fill(peer, stream, window);
            received += window;
            int grown = Math.min(2 * window, 1 << 20);
            // All that came is given back, and what the window grew by on top.
            assertThat(given(peer) - received)
                    .as("window after %d", window)
                    .isEqualTo(grown - YamuxStream.INITIAL_WINDOW);
            window = grown;
        }
        stream.reset();
        assertNothingHeld(peer);
    }

    @Test
    void a_window_does_not_grow_on_a_slow_reader_or_beyond_the_memory_that_can_be_had() throws Exception {
        var slow = new ScriptedPeer().start();
        slow.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0);
        fill(slow, first(slow), YamuxStream.INITIAL_WINDOW);
        assertThat(given(slow)).isEqualTo(YamuxStream.INITIAL_WINDOW);

        var poor = new ScriptedPeer(100, 300 << 10).start();
        measureRoundTrip(poor, Duration.ofSeconds(1));
        poor.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0);
        fill(poor, first(poor), YamuxStream.INITIAL_WINDOW);
        assertThat(given(poor)).isEqualTo(YamuxStream.INITIAL_WINDOW);
        first(slow).reset();
        first(poor).reset();
        assertNothingHeld(slow);
        assertNothingHeld(poor);
    }

    @Test
    void a_stream_that_the_peer_reset_counts_until_it_is_no_longer_served() throws Exception {
        var peer = new ScriptedPeer(10, 1 << 20).start();
        for (int id = 1; id < 2000; id += 2) {
            peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, id, 0);
            peer.frame(Frame.WINDOW_UPDATE, Frame.RST, id, 0);
        }
        awaitTaken(peer, 1);
        assertThat(peer.opened).hasSize(10);
        assertThat(peer.session.streams()).isEmpty();
        peer.opened.forEach(YamuxStream::served);
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, 2001, 0);
        await().until(() -> peer.opened.size() == 11);
        peer.opened.subList(0, 10).clear();
        assertNothingHeld(peer);
    }

    @Test
    void a_reader_that_dies_ends_the_session_and_gives_everything_back() throws Exception {
        var peer = new ScriptedPeer() {
            @Override
            public void streamOpened(YamuxStream stream) {
                throw new OutOfMemoryError("as if");
            }
        };
        peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, 1, 0);
        assertThatThrownBy(peer.session::run).isInstanceOf(OutOfMemoryError.class);
        assertThat(peer.session.isOpen()).isFalse();
        assertThat(peer.scope.isEmpty()).isTrue();
        assertThat(peer.session.streams()).isEmpty();
    }

    @Test
    void closing_does_not_wait_for_a_peer_that_does_not_read() throws Exception {
        var peer = new ScriptedPeer().start();
        var reads = new CountDownLatch(1);
        peer.stall = () -> {
            try {
                reads.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        peer.data(Frame.SYN, 1, HELLO);
        YamuxStream stream = first(peer);
        Thread writer = Thread.startVirtualThread(() -> {
            try {
                stream.write(HELLO, 0, 5);
            } catch (java.io.IOException e) {
                assertThat(e).isNotNull();
            }
        });
        try {
            Thread closer = Thread.startVirtualThread(peer.session::close);
            assertThat(closer.join(Duration.ofSeconds(5))).isTrue();
            peer.awaitEnd();
            assertThat(peer.session.isOpen()).isFalse();
        } finally {
            reads.countDown();
            writer.join();
        }
        assertNothingHeld(peer);
    }

    @Test
    void answers_to_pings_cannot_be_guessed() throws Exception {
        var peer = new ScriptedPeer().start();
        peer.session.heartbeat(Duration.ofSeconds(10).toNanos());
        for (int guess = 0; guess < 1000; guess++) {
            peer.frame(Frame.PING, Frame.ACK, 0, guess);
        }
        awaitTaken(peer, 7);
        assertThat(peer.session.roundTripNanos()).isZero();
        peer.session.heartbeat(0);
        peer.awaitEnd();
        assertThat(peer.session.isOpen()).isFalse();
    }

    @Test
    void a_stream_that_comes_while_the_session_closes_is_not_left_behind() throws Exception {
        var left = new AtomicLong();
        for (int round = 0; round < 2000; round++) {
            var peer = new ScriptedPeer();
            peer.quick = true;
            for (int id = 1; id < 40; id += 2) {
                peer.frame(Frame.WINDOW_UPDATE, Frame.SYN, id, 0);
            }
            peer.start();
            Thread closer = Thread.startVirtualThread(peer.session::close);
            closer.join();
            peer.awaitEnd();
            left.addAndGet(peer.session.streams().size());
            assertThat(peer.scope.isEmpty()).as("round %d", round).isTrue();
        }
        assertThat(left).hasValue(0);
    }
}
