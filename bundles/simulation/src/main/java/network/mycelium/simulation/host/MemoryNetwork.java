package network.mycelium.simulation.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;

/// Hundreds of nodes in one process, each behind the [network.mycelium.libp2p.Host] that a real one has, over a network
/// in memory: what runs above libp2p is tested on it as it is. Time is real; delay, bandwidth and loss come from the
/// seed. Safe from any thread.
public final class MemoryNetwork implements AutoCloseable {
    private static final Duration RETRANSMISSION = Duration.ofMillis(200);
    private static final int PACKET = 1400;

    /// What every link is like.
    ///
    /// @param nearest smallest delay of a pair of nodes, one way
    /// @param farthest largest delay of a pair
    /// @param loss part of the packets that come late, because they had to be sent again
    /// @param bytesPerSecond of each node's uplink
    /// @param silence how long a connection lives through a partition
    public record Conditions(Duration nearest, Duration farthest, double loss, long bytesPerSecond, Duration silence) {
        /// Nodes of one rack.
        public static final Conditions LOCAL =
                new Conditions(Duration.ZERO, Duration.ofMillis(1), 0, 125_000_000, Duration.ofSeconds(1));
    }

    private final Conditions conditions;
    private final Random random;
    private final long seed;
    private final Map<PeerId, MemoryHost> hosts = new ConcurrentHashMap<>();
    private final Map<PeerId, Integer> sides = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();

    public MemoryNetwork(long seed, Conditions conditions) {
        this.seed = seed;
        this.random = new Random(seed);
        this.conditions = conditions;
    }

    /// Adds a node.
    public MemoryHost host(PeerId id) {
        int number = numbers.incrementAndGet();
        var host = new MemoryHost(
                this,
                id,
                Multiaddr.parse(
                        "/ip4/10.%d.%d.%d/tcp/4001".formatted(number >> 16 & 255, number >> 8 & 255, number & 255)));
        hosts.put(id, host);
        return host;
    }

    Conditions conditions() {
        return conditions;
    }

    Optional<MemoryHost> find(PeerId peer) {
        return Optional.ofNullable(hosts.get(peer));
    }

    void gone(MemoryHost host) {
        hosts.remove(host.id(), host);
    }

    /// Puts a node on a side of a partition; nodes of different sides do not hear each other. All begin on side 0.
    /// Connections between the sides end after the silence that the conditions allow, unless it is healed before.
    public void side(PeerId node, int side) {
        sides.put(node, side);
        long until = System.nanoTime() + conditions.silence().toNanos();
        Thread.ofVirtual().name("partition").start(() -> {
            while (System.nanoTime() < until) {
                java.util.concurrent.locks.LockSupport.parkNanos(until - System.nanoTime());
            }
            find(node).ifPresent(MemoryHost::dropUnreachable);
        });
    }

    /// Ends all partitions.
    public void heal() {
        sides.clear();
    }

    boolean reachable(PeerId from, PeerId to) {
        return sides.getOrDefault(from, 0).equals(sides.getOrDefault(to, 0));
    }

    /// The delay of a pair, always the same.
    Duration delay(PeerId one, PeerId other) {
        long least = conditions.nearest().toNanos();
        long spread = conditions.farthest().toNanos() - least;
        if (spread <= 0) {
            return conditions.nearest();
        }
        // Of both ends alike, whatever the order in which connections come about.
        long pair = seed ^ one.hashCode() * 31L ^ other.hashCode() * 31L;
        return Duration.ofNanos(least + Math.floorMod(new Random(pair).nextLong(), spread));
    }

    /// How much later bytes come because some of their packets are lost.
    Duration lost(int bytes) {
        if (conditions.loss() == 0) {
            return Duration.ZERO;
        }
        int again = 0;
        synchronized (random) {
            for (int packet = 0; packet <= bytes / PACKET; packet++) {
                if (random.nextDouble() < conditions.loss()) {
                    again++;
                }
            }
        }
        return RETRANSMISSION.multipliedBy(again);
    }

    void fill(byte[] bytes) {
        synchronized (random) {
            random.nextBytes(bytes);
        }
    }

    @Override
    public void close() {
        new ArrayList<>(List.copyOf(hosts.values())).forEach(MemoryHost::close);
    }
}
