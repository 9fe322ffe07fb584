package network.mycelium.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/// What lies between nodes: a delay for each pair, bandwidth of each node's uplink, loss that shows as the time of a
/// retransmission (as it does to who uses TCP), and partitions that let nothing through.
public final class Links {
    /// @param nearest smallest delay of a pair, one way
    /// @param farthest largest delay of a pair
    /// @param loss part of the packets that are sent again
    /// @param bytesPerSecond of each node's uplink
    public record Conditions(Duration nearest, Duration farthest, double loss, long bytesPerSecond) {
        /// Nodes all over the world on ordinary lines.
        public static final Conditions INTERNET =
                new Conditions(Duration.ofMillis(10), Duration.ofMillis(150), 0.01, 2_500_000);
    }

    private static final long RETRANSMISSION_MICROS = 200_000;
    private static final int PACKET = 1400;

    private final Simulation simulation;
    private final Conditions conditions;
    private final Map<Long, Long> delays = new HashMap<>();
    private final Map<Long, Long> lastArrivals = new HashMap<>();
    private final Map<Integer, Long> uplinkFree = new HashMap<>();
    private final Map<Integer, Integer> sides = new HashMap<>();

    public Links(Simulation simulation, Conditions conditions) {
        this.simulation = simulation;
        this.conditions = conditions;
    }

    /// Puts a node on a side of the partition; nodes of different sides do not hear each other. All begin on side 0.
    public void side(int node, int side) {
        sides.put(node, side);
    }

    /// How long bytes take from one node to another, in order behind what went before.
    ///
    /// @return empty if they never arrive
    public OptionalLong micros(int from, int to, int bytes) {
        if (!sides.getOrDefault(from, 0).equals(sides.getOrDefault(to, 0))) {
            return OptionalLong.empty();
        }
        long now = simulation.nowMicros();
        long begin = Math.max(now, uplinkFree.getOrDefault(from, 0L));
        long sent = begin + bytes * 1_000_000L / conditions.bytesPerSecond();
        uplinkFree.put(from, sent);
        long arrival = sent + delay(from, to);
        for (int packet = 0; packet <= bytes / PACKET; packet++) {
            if (simulation.random().nextDouble() < conditions.loss()) {
                arrival += RETRANSMISSION_MICROS;
            }
        }
        arrival = Math.max(arrival, lastArrivals.getOrDefault(pair(from, to), 0L));
        lastArrivals.put(pair(from, to), arrival);
        return OptionalLong.of(arrival - now);
    }

    private long delay(int from, int to) {
        return delays.computeIfAbsent(pair(Math.min(from, to), Math.max(from, to)), p -> {
            long nearest = conditions.nearest().toNanos() / 1000;
            long farthest = conditions.farthest().toNanos() / 1000;
            Random random = simulation.random();
            return nearest + (farthest == nearest ? 0 : random.nextLong(farthest - nearest));
        });
    }

    private static long pair(int from, int to) {
        return (long) from << 32 | to;
    }
}
