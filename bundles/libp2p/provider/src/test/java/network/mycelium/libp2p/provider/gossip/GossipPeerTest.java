package network.mycelium.libp2p.provider.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GossipPeerTest {
    private static final int MESSAGE = 100_000;

    private final Outgoing.Budget budget = new Outgoing.Budget(16 << 20);
    private final SlowStream stream = new SlowStream();
    private final GossipPeer peer = new GossipPeer(new NodeKey(new byte[32]).peerId(), stream);
    private final Thread writer = Thread.ofVirtual().unstarted(peer::run);

    /// A peer that reads nothing until it is let.
    private static final class SlowStream implements Stream {
        private final CountDownLatch mayRead = new CountDownLatch(1);
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private final AtomicInteger writes = new AtomicInteger();
        private volatile boolean reset;

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            writes.incrementAndGet();
            try {
                mayRead.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (reset) {
                throw new IOException("reset");
            }
            synchronized (got) {
                got.write(buffer, offset, length);
            }
        }

        private byte[] got() {
            synchronized (got) {
                return got.toByteArray();
            }
        }

        @Override
        public void reset() {
            reset = true;
            mayRead.countDown();
        }

        @Override
        public String protocol() {
            return "/meshsub/1.2.0";
        }

        @Override
        public Connection connection() {
            return (Connection) Proxy.newProxyInstance(
                    Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (p, m, a) -> null);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return -1;
        }

        @Override
        public void closeWrite() {}

        @Override
        public void close() {}

        @Override
        public void timeout(Duration limit) {}
    }

    @AfterEach
    void stop() throws Exception {
        peer.close();
        stream.mayRead.countDown();
        writer.join();
    }

    private Outgoing message(int bytes) {
        return new Outgoing(
                Rpc.of(List.of(
                        new GossipMessage(new byte[0], new byte[bytes], new byte[8], "t", new byte[0], new byte[0]))),
                budget);
    }

    private Outgoing subscription(String topic) {
        Rpc rpc = Rpc.of(List.of());
        rpc.subscriptions().add(new Subscription(true, topic));
        return new Outgoing(rpc, budget);
    }

    @Test
    void what_waits_for_a_peer_that_reads_nothing_is_bounded_in_bytes_and_nobody_waits_for_it() {
        writer.start();
        long begin = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            peer.enqueue(message(MESSAGE));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(budget.used()).isLessThanOrEqualTo(GossipPeer.MAX_QUEUED_BYTES);
        assertThat(peer.dropped()).isGreaterThan(950);
        assertThat(stream.reset).isFalse();
    }

    @Test
    void what_waits_for_a_peer_is_bounded_in_number_too() {
        for (int i = 0; i < 2 * GossipPeer.MAX_QUEUED; i++) {
            peer.enqueue(message(1));
        }
        assertThat(peer.dropped()).isEqualTo(GossipPeer.MAX_QUEUED + GossipPeer.MAX_QUEUED / 4);
    }

    @Test
    void subscriptions_have_room_when_messages_have_none_and_without_room_for_them_the_stream_is_given_up() {
        for (int i = 0; i < 100; i++) {
            peer.enqueue(message(MESSAGE));
        }
        long dropped = peer.dropped();
        assertThat(dropped).isPositive();
        peer.enqueue(subscription("t"));
        assertThat(peer.dropped()).isEqualTo(dropped);
        assertThat(stream.reset).isFalse();

        String long1000 = "x".repeat(1000);
        for (int i = 0; i < 2000; i++) {
            peer.enqueue(subscription(long1000));
        }
        await().until(() -> stream.reset);
        assertThat(budget.used()).isZero();
    }

    @Test
    void all_arrives_in_its_order_and_what_gathered_goes_out_together() {
        writer.start();
        var expected = new ByteArrayOutputStream();
        List<Outgoing> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            all.add(i % 100 == 0 ? message(MESSAGE / 10) : subscription("topic" + i));
        }
        all.forEach(rpc -> {
            expected.writeBytes(rpc.bytes());
            peer.enqueue(rpc);
        });
        stream.mayRead.countDown();

        await().until(() -> stream.got().length == expected.size());
        assertThat(stream.got()).isEqualTo(expected.toByteArray());
        assertThat(stream.writes).hasValueLessThan(100);
        await().until(() -> budget.used() == 0);
    }

    @Test
    void what_many_wait_for_counts_once_and_all_together_have_a_bound() {
        List<GossipPeer> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            others.add(new GossipPeer(peer.id(), new SlowStream()));
        }
        Outgoing shared = message(MESSAGE);
        others.forEach(other -> other.enqueue(shared));
        assertThat(budget.used()).isEqualTo(shared.size());

        for (int i = 0; i < 40; i++) {
            for (GossipPeer other : others) {
                other.enqueue(message(MESSAGE));
            }
        }
        assertThat(budget.used()).isBetween(15L << 20, 16L << 20);
        others.forEach(GossipPeer::close);
        assertThat(budget.used()).isZero();
    }
}
