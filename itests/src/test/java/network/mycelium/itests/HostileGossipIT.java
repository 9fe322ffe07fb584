package network.mycelium.itests;

import static network.mycelium.itests.Attacked.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.gossip.Rpc.Prune;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.record.Envelope;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.hostile.DeafGossipPeer;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Gossip peers that break the rules, against a node of the distribution with the heap that it has by default: it stays
/// up, and serves the others. Prints, for each attack, memory in MB before, at its peak and after, the heap, the
/// milliseconds from one honest peer to the other (median, slowest) before, beside and after, and a ping's.
@Timeout(value = 170, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileGossipIT {
    private static final String PROTOCOL = "/meshsub/1.1.0";
    private static final int MAX_RPC = 4 << 20;
    private static final byte[] NONE = {};

    @TempDir
    Path temp;

    private Attacked attacked;
    private Hostile hostile;

    /// A peer whose gossip is made by hand.
    private static final class Hostile implements AutoCloseable {
        private final NodeKey key = key();
        private final Swarm swarm = new Swarm(key, Settings.DEFAULT, new PeerBook()).start();
        private final AtomicInteger heard = new AtomicInteger();
        private final PeerId victim;

        private Hostile(Multiaddr address) throws IOException {
            victim = address.peer().orElseThrow();
            // So that the node takes it for a gossip peer.
            swarm.handle(PROTOCOL, stream -> {
                heard.incrementAndGet();
                stream.input().transferTo(OutputStream.nullOutputStream());
            });
            swarm.connect(address);
            await().until(() -> heard.get() > 0);
        }

        private static NodeKey key() {
            byte[] seed = new byte[32];
            new SecureRandom().nextBytes(seed);
            return new NodeKey(seed);
        }

        private Stream open() throws IOException {
            Stream stream = swarm.open(victim, PROTOCOL);
            stream.timeout(Duration.ofSeconds(10));
            return stream;
        }

        @Override
        public void close() {
            swarm.close();
        }
    }

    private interface Filling {
        void into(Rpc rpc);
    }

    private static byte[] frame(Filling filling) {
        Rpc rpc = Rpc.parse(NONE);
        filling.into(rpc);
        return Delimited.frame(rpc.bytes());
    }

    private static void write(Stream stream, byte[] bytes) throws IOException {
        stream.write(bytes, 0, bytes.length);
    }

    /// The node may hang up.
    private static boolean tryWrite(Stream stream, byte[] bytes) {
        try {
            write(stream, bytes);
            return true;
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    @BeforeEach
    void start() throws Exception {
        attacked = new Attacked(temp.resolve("node"));
        hostile = new Hostile(attacked.address());
    }

    @AfterEach
    void stop() throws Exception {
        if (hostile != null) {
            hostile.close();
        }
        if (attacked != null) {
            attacked.close();
        }
    }

    @Test
    void rpcs_that_never_end_on_any_number_of_streams() throws Exception {
        byte[] partial = Arrays.copyOf(Delimited.frame(new byte[MAX_RPC]), MAX_RPC);
        attacked.by("60 streams, on each an RPC of 4 MiB but for its last byte", 3, part -> {
            List<Thread> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Stream stream = hostile.open();
                all.add(Thread.startVirtualThread(() -> tryWrite(stream, partial)));
            }
            for (Thread thread : all) {
                thread.join();
            }
        });
    }

    @Test
    void topics_of_four_megabytes_each() throws Exception {
        Stream stream = hostile.open();
        String name = "x".repeat(MAX_RPC - 100);
        attacked.by("subscriptions of 40 topics of 4 MiB", 4, part -> {
            for (int i = 0; i < 10; i++) {
                String topic = part + "." + i + name;
                tryWrite(stream, frame(rpc -> rpc.subscriptions().add(new Subscription(true, topic))));
            }
        });
    }

    @Test
    void rpcs_of_millions_of_entries() throws Exception {
        byte[] ids = new byte[MAX_RPC - 100];
        for (int at = 0; at < ids.length; at += 2) {
            ids[at] = 1 << 3 | 2;
        }
        // Entries of no bytes at all.
        byte[] rpc = new ProtoWriter()
                .bytes(3, new ProtoWriter().bytes(2, ids).toBytes())
                .toBytes();
        attacked.by("10 RPCs of two million empty ids", 2, part -> {
            List<Thread> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Hostile other = new Hostile(attacked.address());
                all.add(Thread.startVirtualThread(() -> {
                    try (other) {
                        write(other.open(), Delimited.frame(rpc));
                    } catch (IOException e) {
                        assertThat(e.getMessage()).isNotBlank();
                    }
                }));
            }
            for (Thread thread : all) {
                thread.join();
            }
        });
    }

    @Test
    void records_of_megabytes_of_peers_that_are_not_there() throws Exception {
        Stream stream = hostile.open();
        attacked.by("40 signed peer records of 3 MB in prunes", 4, part -> {
            for (int i = 0; i < 10; i++) {
                byte[] record = record(3_000_000);
                PeerId id = PeerId.parse(Arrays.copyOf(record, 38));
                byte[] envelope = Arrays.copyOfRange(record, 38, record.length);
                tryWrite(
                        stream,
                        frame(rpc ->
                                rpc.prune().add(new Prune(TOPIC, List.of(new Suggested(id.bytes(), envelope)), 60))));
                // They are dialled, a few at a time; of one that cannot be reached nothing should be kept.
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
        });
    }

    /// A genuine one of somebody just made up, after the 38 bytes of its id.
    private static byte[] record(int bytes) {
        NodeKey key = Hostile.key();
        byte[] id = key.peerId().bytes();
        byte[] payload = new ProtoWriter()
                .bytes(1, id)
                .varint(2, 1)
                .message(
                        3,
                        new ProtoWriter()
                                .bytes(
                                        1,
                                        Multiaddr.parse("/ip4/127.0.0.1/tcp/1").bytes()))
                .bytes(99, new byte[bytes])
                .toBytes();
        byte[] envelope = Envelope.seal(key, "libp2p-peer-record", new byte[] {3, 1}, payload);
        return ByteBuffer.allocate(id.length + envelope.length)
                .put(id)
                .put(envelope)
                .array();
    }

    private GossipMessage signed(int number, String text) {
        return GossipMessage.sign(
                hostile.key,
                TOPIC,
                ByteBuffer.allocate(8).putLong(System.nanoTime() + number).array(),
                text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void messages_with_a_key_that_is_not_their_author_s() throws Exception {
        Stream stream = hostile.open();
        byte[] wrong = Hostile.key().publicKey().message();
        attacked.by("20 messages with somebody else's key", 1, part -> {
            for (int i = 0; i < 20; i++) {
                GossipMessage m = signed(i, "keyed " + i);
                var keyed = new GossipMessage(m.from(), m.data(), m.seqno(), TOPIC, m.signature(), wrong);
                write(stream, frame(rpc -> rpc.messages().add(keyed)));
            }
        });
        // Whoever sees as go-libp2p does what the node passes on has nothing against it.
        assertThat(attacked.bob.got()).noneMatch(text -> text.startsWith("keyed"));
        assertThat(attacked.bob.gossip().scores())
                .filteredOn(score -> score.peer().equals(hostile.victim))
                .singleElement()
                .satisfies(score -> assertThat(score.score()).isNotNegative());
    }

    @Test
    void forged_messages_by_the_thousands() throws Exception {
        Stream stream = hostile.open();
        int rpcs = 60;
        var cpu = new Duration[1];
        attacked.by("30,000 messages that nobody signed", 1, part -> {
            Duration begin = attacked.cpu();
            for (int r = 0; r < rpcs; r++) {
                List<GossipMessage> forged = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    byte[] signature = new byte[64];
                    signature[0] = (byte) i;
                    forged.add(new GossipMessage(
                            hostile.key.peerId().bytes(),
                            new byte[20],
                            ByteBuffer.allocate(8).putLong(r * 1000L + i).array(),
                            TOPIC,
                            signature,
                            NONE));
                }
                write(stream, frame(rpc -> rpc.messages().addAll(forged)));
            }
            // All of it is read when the last bytes fit into the window.
            write(stream, Delimited.frame(new byte[200_000]));
            cpu[0] = attacked.cpu().minus(begin);
        });
        System.out.printf("processor time for 30,000 forged messages: %d ms%n", cpu[0].toMillis());
        assertThat(cpu[0]).isLessThan(Duration.ofMillis(1500));
    }

    @Test
    void a_mesh_peer_that_stops_reading_its_socket() throws Exception {
        var address = new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(attacked.address().value(Protocol.TCP).orElseThrow()));
        try (var deaf = new DeafGossipPeer(address, TOPIC)) {
            // What is said before the node has taken it into its mesh does not come to it.
            await().until(() -> attacked.mesh() == 3);
            attacked.alice.topic().publish("so far".getBytes(StandardCharsets.UTF_8));
            deaf.hear("so far");
            var slowest = new long[1];
            attacked.by("a peer of the mesh that reads nothing of 20 MB", 1, part -> {
                for (int i = 0; i < 40; i++) {
                    slowest[0] = Math.max(slowest[0], large("large " + i + "."));
                }
            });
            System.out.printf("slowest message of 500 kB beside it: %d ms%n", slowest[0] / 1_000_000);
            assertThat(slowest[0]).isLessThan(5_000_000_000L);
        }
    }

    /// @return how long a message of 500 kB took from one honest peer to the other, in ns
    private long large(String text) {
        byte[] large = new byte[500_000];
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, large, 0, text.length());
        long begin = System.nanoTime();
        attacked.alice.topic().publish(large);
        await().pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(40))
                .until(() -> attacked.bob.got().stream().anyMatch(got -> got.startsWith(text)));
        return System.nanoTime() - begin;
    }
}
