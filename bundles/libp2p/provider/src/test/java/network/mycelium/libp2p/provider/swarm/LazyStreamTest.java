package network.mycelium.libp2p.provider.swarm;

import static network.mycelium.libp2p.hostile.HostilePeer.data;
import static network.mycelium.libp2p.hostile.HostilePeer.join;
import static network.mycelium.libp2p.provider.channel.Multistream.proposal;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.hostile.HostilePeer;
import network.mycelium.libp2p.provider.protocols.Identify;
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

    /// Tells the node that this peer offers the ping protocol.
    private static void tell(HostilePeer peer, NodeKey key) throws IOException {
        HostilePeer.Frame asked;
        do {
            asked = peer.receive();
        } while (asked.data().length == 0);
        byte[] message = new ProtoWriter()
                .bytes(1, key.publicKey().message())
                .text(3, Ping.PROTOCOL)
                .toBytes();
        peer.send(
                data(HostilePeer.ACK, asked.stream(), join(proposal(Identify.PROTOCOL), Delimited.frame(message))),
                data(HostilePeer.FIN, asked.stream(), new byte[0]));
    }

    /// The first bytes of the stream that the node opened with that one.
    private static byte[] first(HostilePeer peer, int stream) throws IOException {
        while (true) {
            HostilePeer.Frame frame = peer.receive();
            if (frame.stream() == stream && frame.data().length > 0) {
                return frame.data();
            }
        }
    }

    @Test
    void what_is_written_waits_for_a_proposal_that_waits() throws Exception {
        NodeKey key = HostilePeer.key();
        try (var two = new TwoSwarms();
                var peer = HostilePeer.dial(
                        HostileFramesTest.address(two.b), InetAddress.getLoopbackAddress(), key, "/noise")) {
            tell(peer, key);
            Awaitility.await()
                    .until(() -> two.b
                            .peer(peer.id())
                            .filter(p -> p.protocols().contains(Ping.PROTOCOL))
                            .isPresent());
            Connection connection = two.b.connection(peer.id()).orElseThrow();
            // As many as may be without an acknowledgement.
            int last = 0;
            for (int i = 0; i < 256; i++) {
                connection.open(Ping.PROTOCOL).write(new byte[1], 0, 1);
                HostilePeer.Frame frame;
                do {
                    frame = peer.receive();
                } while (!frame.has(HostilePeer.SYN) || frame.data().length == 0);
                last = frame.stream();
            }
            Stream stream = connection.open(Ping.PROTOCOL);
            Thread reader = Thread.startVirtualThread(() -> ignoringEnd(() -> stream.read(new byte[1], 0, 1)));
            Awaitility.await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
            Thread writer = Thread.startVirtualThread(() -> ignoringEnd(() -> stream.write(new byte[32], 0, 32)));
            Awaitility.await().until(() -> !writer.isAlive() || writer.getState() == Thread.State.BLOCKED);
            peer.send(HostilePeer.frame(HostilePeer.WINDOW_UPDATE, HostilePeer.ACK, last, 0));
            assertThat(first(peer, last + 2)).startsWith(proposal(Ping.PROTOCOL));
        }
    }

    private interface Use {
        void run() throws IOException;
    }

    private static void ignoringEnd(Use use) {
        try {
            use.run();
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
    }
}
