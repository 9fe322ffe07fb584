package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;
import network.mycelium.simulation.host.MemoryHost;
import network.mycelium.simulation.host.MemoryNetwork;
import network.mycelium.simulation.host.MemoryNetwork.Conditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BlobServerTest {
    private static final int SIZE = 3_000_000;

    @TempDir
    Path temp;

    private final MemoryNetwork network = new MemoryNetwork(
            1, new Conditions(Duration.ZERO, Duration.ofMillis(1), 0, 1_000_000_000, Duration.ofSeconds(1)));
    private final byte[] file = new byte[SIZE];
    private final AtomicInteger open = new AtomicInteger();
    private final CountDownLatch mayGive = new CountDownLatch(1);
    private String sha256;
    private MemoryHost server;

    @BeforeEach
    void make() throws IOException {
        new Random(3).nextBytes(file);
        sha256 = Sha256.of(file);
        Files.write(temp.resolve("served"), file);
        server = host(0);
    }

    @AfterEach
    void close() {
        mayGive.countDown();
        network.close();
    }

    private MemoryHost host(int number) {
        return network.host(peer(number));
    }

    private static PeerId peer(int number) {
        return new NodeKey(ByteBuffer.allocate(NodeKey.SEED_SIZE)
                        .putInt(number + 1)
                        .array())
                .peerId();
    }

    private Stream ask(MemoryHost asker, Request request) throws IOException {
        asker.connect(server.id(), List.<Multiaddr>of());
        Stream stream = asker.open(server.id(), BlobProtocol.ID);
        stream.timeout(Duration.ofSeconds(10));
        BlobProtocol.write(stream, request);
        return stream;
    }

    private void serve() {
        server.handle(
                BlobProtocol.ID,
                new BlobServer(
                        asked -> Optional.of(Files.newByteChannel(temp.resolve("served"))), a -> Optional.empty()));
    }

    @Test
    void any_part_of_a_file_is_given_and_nothing_beyond_its_end() throws Exception {
        serve();
        MemoryHost asker = host(1);
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            int offset = random.nextInt(SIZE + 1000);
            int length = random.nextInt(1, BlobProtocol.MAX_LENGTH);
            try (Stream stream = ask(asker, new Request(sha256, offset, length, -1, 0))) {
                Answer answer = BlobProtocol.readAnswer(stream.input());
                assertThat(answer.size()).isEqualTo(SIZE);
                stream.closeWrite();
                int there = Math.max(0, Math.min(length, SIZE - offset));
                assertThat(stream.input().readAllBytes())
                        .as("seed %d, %d at %d", seed, length, offset)
                        .isEqualTo(
                                there == 0 ? new byte[0] : java.util.Arrays.copyOfRange(file, offset, offset + there));
            }
        }
    }

    @Test
    void at_the_edge_of_what_numbers_hold_a_file_that_is_under_way_gives_nothing() throws Exception {
        var transfer = new Transfer(
                List.of(new Chunk(sha256, SIZE)), temp.resolve("partial").resolve("x"), Duration.ofSeconds(1));
        var all = new java.util.BitSet();
        all.set(0);
        assertThat(transfer.covers(all, 0, SIZE)).isTrue();
        assertThat(transfer.covers(all, SIZE - 1, 1)).isTrue();
        assertThat(transfer.covers(all, SIZE, 1)).isFalse();
        assertThat(transfer.covers(all, Integer.MAX_VALUE, 1 << 20)).isFalse();
        assertThat(transfer.covers(all, Long.MAX_VALUE, 1 << 20)).isFalse();
        assertThat(transfer.covers(all, -1, 10)).isFalse();
        assertThat(transfer.covers(all, 0, -1)).isFalse();
        transfer.close();
    }

    /// Opens files that give nothing until they may.
    private void serveSlowly() {
        server.handle(BlobProtocol.ID, new BlobServer(this::slow, a -> Optional.empty()));
    }

    private Optional<SeekableByteChannel> slow(String asked) throws IOException {
        open.incrementAndGet();
        try {
            mayGive.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return Optional.of(Files.newByteChannel(temp.resolve("served")));
    }

    @Test
    void one_member_and_all_together_are_given_to_only_so_many_times_at_once_and_all_get_it_in_the_end()
            throws Exception {
        serveSlowly();
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            streams.add(ask(host(1), new Request(sha256, 0, 1000, -1, 0)));
        }
        await().until(() -> open.get() == 4);
        for (int member = 2; member < 12; member++) {
            for (int i = 0; i < 10; i++) {
                streams.add(ask(host(member), new Request(sha256, 0, 1000, -1, 0)));
            }
        }
        await().during(Duration.ofMillis(200)).until(() -> open.get() == 32);

        mayGive.countDown();
        for (Stream stream : streams) {
            assertThat(BlobProtocol.readAnswer(stream.input()).size()).isEqualTo(SIZE);
            assertThat(stream.input().readNBytes(1000)).hasSize(1000);
            stream.close();
        }
    }

    @Test
    void whose_turn_does_not_come_is_told_so_and_nothing_is_kept_of_who_went() throws Exception {
        var turns = new Turns(2, 1, Duration.ofMillis(50));
        var entered = new CountDownLatch(1);
        Thread first = Thread.startVirtualThread(() -> {
            try {
                turns.take(peer(1), () -> {
                    entered.countDown();
                    try {
                        mayGive.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                });
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        entered.await();
        assertThatThrownBy(() -> turns.take(peer(1), () -> {})).hasMessageContaining("than this node gives");
        var done = new AtomicInteger();
        turns.take(peer(2), done::incrementAndGet);
        assertThat(done).hasValue(1);
        assertThatThrownBy(() -> turns.take(peer(2), () -> {
                    throw new IOException("gone");
                }))
                .hasMessage("gone");
        mayGive.countDown();
        first.join();
        assertThat(turns.peers()).isZero();
    }
}
