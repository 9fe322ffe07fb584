package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.simulation.host.MemoryHost;
import network.mycelium.simulation.host.MemoryNetwork;
import network.mycelium.simulation.host.MemoryNetwork.Conditions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BlobFetcherTest {
    private static final int CHUNK = 100_000;

    @TempDir
    Path temp;

    private final MemoryNetwork network = new MemoryNetwork(
            1, new Conditions(Duration.ZERO, Duration.ofMillis(1), 0, 1_000_000_000, Duration.ofSeconds(1)));
    private final List<Presence.Present> present = new ArrayList<>();
    private final Presence presence = new Presence() {
        @Override
        public Duration ahead() {
            return Duration.ZERO;
        }

        @Override
        public List<Present> present() {
            return present;
        }

        @Override
        public void report(byte[] report) {}

        @Override
        public AutoCloseable listen(Runnable listener) {
            return () -> {};
        }
    };
    private final byte[] file = new byte[5_000_000];
    private final AtomicInteger numbers = new AtomicInteger();
    private MemoryHost asker;
    private String sha256;
    private List<Chunk> chunks;

    @BeforeEach
    void make() throws Exception {
        new Random(7).nextBytes(file);
        sha256 = sha256(file);
        chunks = new ArrayList<>();
        for (int at = 0; at < file.length; at += CHUNK) {
            byte[] chunk = Arrays.copyOfRange(file, at, Math.min(file.length, at + CHUNK));
            chunks.add(new Chunk(sha256(chunk), chunk.length));
        }
        asker = host();
    }

    @AfterEach
    void close() {
        network.close();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private MemoryHost host() {
        return network.host(new NodeKey(ByteBuffer.allocate(NodeKey.SEED_SIZE)
                        .putInt(numbers.incrementAndGet())
                        .array())
                .peerId());
    }

    /// A member that the asker is connected to.
    private MemoryHost member(ProtocolHandler handler) throws IOException {
        MemoryHost host = host();
        host.handle(BlobProtocol.ID, handler);
        asker.connect(host.id(), List.<Multiaddr>of());
        return host;
    }

    private ProtocolHandler serving(byte[] content) {
        return server(asked -> {
            if (!asked.equals(sha256)) {
                return Optional.empty();
            }
            Path path = temp.resolve("served" + numbers.incrementAndGet());
            Files.write(path, content);
            return Optional.<SeekableByteChannel>of(Files.newByteChannel(path));
        });
    }

    private static BlobServer server(BlobServer.Shelf shelf) {
        return new BlobServer(shelf, asked -> Optional.empty());
    }

    private byte[] fetch() throws IOException {
        return fetch(new BlobFetcher(asker, presence, temp.resolve("partial")));
    }

    private byte[] fetch(BlobFetcher fetcher) throws IOException {
        return fetch(fetcher, NearbyChunks.NONE);
    }

    private byte[] fetch(BlobFetcher fetcher, Transfer.Nearby nearby) throws IOException {
        try (InputStream in = fetcher.fetch(sha256, file.length, chunks, nearby)) {
            return in.readAllBytes();
        }
    }

    @Test
    void chunks_come_from_several_members_at_once() throws Exception {
        List<MemoryHost> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            members.add(member(serving(file)));
        }

        assertThat(fetch()).isEqualTo(file);

        assertThat(members)
                .allSatisfy(
                        m -> assertThat(asker.connection(m.id()).orElseThrow().bytesIn())
                                .isPositive());
        await().until(() -> !Files.exists(temp.resolve("partial").resolve(sha256)));
    }

    @Test
    void who_does_not_have_it_or_has_something_else_is_passed_over() throws Exception {
        member(server(asked -> Optional.empty()));
        member(serving(new byte[17]));
        member(serving(file));

        assertThat(fetch()).isEqualTo(file);
    }

    @Test
    void a_liar_is_found_out_by_the_chunk_and_not_asked_again() throws Exception {
        byte[] wrong = file.clone();
        for (int at = 100; at < wrong.length; at += CHUNK) {
            wrong[at] ^= 1;
        }
        MemoryHost liar = member(serving(wrong));
        var fetcher = new BlobFetcher(asker, presence, temp.resolve("partial"));
        assertThatThrownBy(() -> fetch(fetcher)).hasMessageContaining("wrong chunk");
        long told = asker.connection(liar.id()).orElseThrow().bytesIn();

        member(serving(file));

        assertThat(fetch(fetcher)).isEqualTo(file);
        assertThat(asker.connection(liar.id()).orElseThrow().bytesIn()).isEqualTo(told);
    }

    @Test
    void members_that_are_not_connected_are_asked_when_nobody_else_has_it() throws Exception {
        member(server(asked -> Optional.empty()));
        MemoryHost far = host();
        far.handle(BlobProtocol.ID, serving(file));
        present.add(new Presence.Present(far.id(), far.addresses(), Duration.ZERO, new byte[0]));

        assertThat(fetch()).isEqualTo(file);
    }

    @Test
    void what_has_no_digests_for_its_chunks_is_checked_as_a_whole() throws Exception {
        byte[] wrong = file.clone();
        wrong[77] ^= 1;
        member(serving(wrong));
        member(serving(file));
        chunks.clear();

        assertThat(fetch()).isEqualTo(file);
    }

    @Test
    void who_stalls_holds_nobody_up_for_long() throws Exception {
        member(stream -> {
            BlobProtocol.readRequest(stream.input());
            BlobProtocol.write(stream, new BlobProtocol.Answer(file.length, Optional.empty(), new BitSet()));
            // Says that it has all, and never sends any of it.
            stream.input().transferTo(java.io.OutputStream.nullOutputStream());
        });
        member(serving(file));

        long begin = System.nanoTime();
        assertThat(fetch()).isEqualTo(file);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BlobProtocol.PATIENCE);
    }

    @Test
    void a_transfer_that_broke_off_goes_on_where_it_was() throws Exception {
        var left = new AtomicInteger(file.length / 2);
        MemoryHost leaving = member(server(asked -> {
            if (left.addAndGet(-CHUNK) < 0) {
                throw new IOException("gone");
            }
            return serving(asked);
        }));
        assertThatThrownBy(this::fetch).hasMessageContaining("bytes came");
        assertThat(temp.resolve("partial").resolve(sha256)).exists();
        asker.disconnect(leaving.id());

        MemoryHost other = member(serving(file));
        assertThat(fetch()).isEqualTo(file);
        assertThat(asker.connection(other.id()).orElseThrow().bytesIn()).isLessThan(file.length * 3L / 4);
    }

    private Optional<SeekableByteChannel> serving(String asked) throws IOException {
        assertThat(asked).isEqualTo(sha256);
        Path path = temp.resolve("half");
        Files.copy(new ByteArrayInputStream(file), path, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return Optional.of(Files.newByteChannel(path));
    }

    @Test
    void who_still_fetches_gives_what_it_has_already() throws Exception {
        MemoryHost between = host();
        var fetcher = new BlobFetcher(between, presence, temp.resolve("between"));
        between.handle(BlobProtocol.ID, new BlobServer(asked -> Optional.empty(), fetcher::underWay));
        MemoryHost source = host();
        var held = new Semaphore(file.length / 3);
        source.handle(BlobProtocol.ID, server(asked -> {
            held.acquireUninterruptibly(CHUNK);
            return serving(asked);
        }));
        between.connect(source.id(), List.<Multiaddr>of());
        asker.connect(between.id(), List.<Multiaddr>of());
        var first = Thread.startVirtualThread(() -> {
            try {
                assertThat(fetch(fetcher)).isEqualTo(file);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        await().until(() ->
                fetcher.underWay(sha256).filter(t -> t.arrived() > 0).isPresent());

        var second = java.util.concurrent.CompletableFuture.supplyAsync(() -> {
            try {
                return fetch();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        await().until(() -> asker.connection(between.id()).orElseThrow().bytesIn() > file.length / 4);
        assertThat(second).isNotDone();
        held.release(file.length * 2);

        assertThat(second.get()).isEqualTo(file);
        first.join();
        assertThat(asker.connection(source.id())).isEmpty();
    }

    @Test
    void what_is_here_already_does_not_travel() throws Exception {
        MemoryHost member = member(serving(file));
        var nearby = new AtomicInteger();
        byte[] got = fetch(new BlobFetcher(asker, presence, temp.resolve("partial")), chunk -> {
            int at = chunks.indexOf(chunk) * CHUNK;
            byte[] found = Arrays.copyOfRange(file, at, at + chunk.size());
            // Two of three are at hand, and one of those has decayed.
            int number = nearby.incrementAndGet();
            found[0] ^= (byte) (number == 5 ? 1 : 0);
            return number % 3 == 0 ? null : found;
        });

        assertThat(got).isEqualTo(file);
        assertThat(asker.connection(member.id()).orElseThrow().bytesIn()).isBetween(CHUNK * 17L, CHUNK * 20L);
    }

    @Test
    void who_tells_of_chunks_that_the_file_does_not_have_is_not_waited_for() throws Exception {
        member(stream -> {
            while (BlobProtocol.readRequest(stream.input()) != null) {
                var none = new BitSet();
                none.set(chunks.size() + 7);
                BlobProtocol.write(stream, new BlobProtocol.Answer(file.length, Optional.of(none), new BitSet()));
            }
        });
        assertThatThrownBy(this::fetch).hasMessageContaining("0 of 5000000 bytes came");
    }

    @Test
    void who_sends_a_byte_now_and_then_is_given_up_in_time() throws Exception {
        var patience = Duration.ofMillis(200);
        var sent = new AtomicInteger();
        member(stream -> {
            BlobProtocol.readRequest(stream.input());
            BlobProtocol.write(stream, new BlobProtocol.Answer(file.length, Optional.empty(), new BitSet()));
            BlobProtocol.write(stream, new BlobProtocol.Answer(file.length, Optional.empty(), new BitSet()));
            for (int i = 0; i < 1000; i++) {
                stream.write(new byte[1], 0, 1);
                sent.incrementAndGet();
                LockSupport.parkNanos(patience.toNanos() / 4);
            }
        });
        var fetcher = new BlobFetcher(asker, presence, temp.resolve("partial"), patience, patience);
        assertThatThrownBy(() -> fetch(fetcher)).hasMessageMatching("(?s).*(in time|too long).*");
        assertThat(sent.get()).isBetween(5, 100);
    }

    @Test
    void a_file_is_never_held_as_a_whole() throws Exception {
        member(serving(file));
        chunks.clear();
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        byte[] piece = new byte[64 << 10];
        long before = threads.getTotalThreadAllocatedBytes();
        long got = 0;
        try (InputStream in = new BlobFetcher(asker, presence, temp.resolve("partial"))
                .fetch(sha256, file.length, chunks, NearbyChunks.NONE)) {
            for (int n; (n = in.read(piece)) > 0; ) {
                got += n;
            }
        }
        assertThat(got).isEqualTo(file.length);
        System.out.printf(
                "%.1f MB allocated for %.1f MB%n", (threads.getTotalThreadAllocatedBytes() - before) / 1e6, got / 1e6);
        try (var left = Files.list(temp.resolve("partial"))) {
            assertThat(left.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void requests_that_make_no_sense_end_the_stream_alone() throws Exception {
        MemoryHost member = member(serving(file));
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] rubbish = new byte[random.nextInt(1, 80)];
            random.nextBytes(rubbish);
            try (var stream = asker.open(member.id(), BlobProtocol.ID)) {
                stream.timeout(Duration.ofSeconds(5));
                stream.write(rubbish, 0, rubbish.length);
                stream.closeWrite();
                stream.input().transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
        assertThat(fetch()).isEqualTo(file);
    }
}
