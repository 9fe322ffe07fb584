package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.simulation.host.MemoryHost;
import network.mycelium.simulation.host.MemoryNetwork;
import network.mycelium.simulation.host.MemoryNetwork.Conditions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A hundred nodes fetch the same file at once, of which one has it. The network is slower than a real one by
/// [#SLOWNESS], in bandwidth and delay alike, so that what this machine can compute at once does not count.
@Timeout(120)
class SwarmTest {
    private static final int NODES = 100;
    private static final int SLOWNESS = 50;
    private static final int SIZE = 10_000_000;
    private static final int CHUNK = 64 * 1024;
    private static final int NEIGHBOURS = 8;
    private static final long GIGABIT = 125_000_000;

    @TempDir
    Path temp;

    private final byte[] file = new byte[SIZE];
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<Presence.Present> present = new ArrayList<>();
    private Path served;
    private String sha256;

    private record Node(MemoryHost host, BlobFetcher fetcher) {}

    private Node node(MemoryNetwork network, int number, boolean has) {
        MemoryHost host = network.host(new NodeKey(
                        ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(number).array())
                .peerId());
        Presence presence = new Presence() {
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
        var fetcher = new BlobFetcher(
                host,
                presence,
                temp.resolve("partial" + number),
                BlobProtocol.PATIENCE.multipliedBy(SLOWNESS),
                Duration.ofMillis(500L * SLOWNESS));
        BlobServer.Shelf shelf = asked -> has ? Optional.of(Files.newByteChannel(served)) : Optional.empty();
        host.handle(BlobProtocol.ID, new BlobServer(shelf, fetcher::underWay));
        return new Node(host, fetcher);
    }

    /// @return how long until the last node has it, in seconds of a network that is not slowed down
    private double seconds(int nodes, long seed) throws Exception {
        present.clear();
        var conditions = new Conditions(
                Duration.ofNanos(50_000L * SLOWNESS),
                Duration.ofNanos(500_000L * SLOWNESS),
                0,
                GIGABIT / SLOWNESS,
                Duration.ofSeconds(SLOWNESS));
        try (var network = new MemoryNetwork(seed, conditions)) {
            List<Node> all = new ArrayList<>();
            for (int i = 0; i <= nodes; i++) {
                all.add(node(network, i, i == 0));
                MemoryHost host = all.getLast().host();
                present.add(new Presence.Present(host.id(), host.addresses(), Duration.ZERO, new byte[0]));
            }
            var random = new Random(seed);
            for (Node node : all) {
                for (int k = 0; k < Math.min(NEIGHBOURS, nodes); k++) {
                    Node other = all.get(random.nextInt(all.size()));
                    if (other != node) {
                        node.host().connect(other.host().id(), List.<Multiaddr>of());
                    }
                }
            }
            long begin = System.nanoTime();
            List<CompletableFuture<InputStream>> fetches = new ArrayList<>();
            for (Node node : all.subList(1, all.size())) {
                var fetched = new CompletableFuture<InputStream>();
                fetches.add(fetched);
                Thread.ofVirtual().start(() -> {
                    try {
                        InputStream in = node.fetcher().fetch(sha256, SIZE, chunks, NearbyChunks.NONE);
                        fetched.complete(in);
                    } catch (IOException | RuntimeException e) {
                        fetched.completeExceptionally(e);
                    }
                });
            }
            for (CompletableFuture<InputStream> fetched : fetches) {
                fetched.join();
            }
            double seconds = (System.nanoTime() - begin) / 1e9 / SLOWNESS;
            for (CompletableFuture<InputStream> fetched : fetches) {
                try (InputStream in = fetched.join()) {
                    assertThat(in.readAllBytes()).isEqualTo(file);
                }
            }
            return seconds;
        }
    }

    @Test
    void a_hundred_nodes_take_hardly_longer_than_one() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        new Random(7).nextBytes(file);
        served = temp.resolve("served");
        Files.write(served, file);
        sha256 = Sha256.of(file);
        for (int at = 0; at < SIZE; at += CHUNK) {
            byte[] chunk = Arrays.copyOfRange(file, at, Math.min(SIZE, at + CHUNK));
            chunks.add(new Chunk(Sha256.of(chunk), chunk.length));
        }

        double one = seconds(1, seed);
        double hundred = seconds(NODES, seed);

        System.out.printf(
                "10 MB over 1 Gbit/s to one node %.3f s, to %d nodes %.3f s: %.2f times as long (seed %d)%n",
                one, NODES, hundred, hundred / one, seed);
        assertThat(hundred / one).as("seed %d", seed).isLessThan(3);
    }
}
