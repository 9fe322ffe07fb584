package network.mycelium.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.simulation.GossipSimulation.Spread;
import network.mycelium.simulation.Links.Conditions;
import org.junit.jupiter.api.Test;

class GossipSimulationTest {
    private static final String TOPIC = "news";

    private static long seed() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        return seed;
    }

    private static GossipSimulation network(Simulation simulation, Links links, int nodes) {
        var network = new GossipSimulation(simulation, links, nodes, GossipConfig.DEFAULT, (n, m) -> true);
        network.connectAtRandom(10);
        network.joinAll(TOPIC);
        simulation.run(Duration.ofSeconds(15));
        return network;
    }

    @Test
    void a_thousand_nodes_hear_within_two_seconds_and_few_times() {
        int messages = 20;
        var simulation = new Simulation(seed());
        var network = network(simulation, new Links(simulation, Conditions.INTERNET), 1000);
        long before = network.duplicates(TOPIC);
        List<Spread> spreads = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            spreads.add(network.publish(simulation.random().nextInt(1000), TOPIC, new byte[1024]));
            simulation.run(Duration.ofMillis(500));
        }
        simulation.run(Duration.ofSeconds(5));
        double duplicates = (network.duplicates(TOPIC) - before) / (1000.0 * messages);
        long slowest =
                spreads.stream().mapToLong(s -> s.micros(0.95, 1000)).max().orElseThrow();
        System.out.printf(
                "95 %% after %d ms at most, %.2f duplicates a message and node%n", slowest / 1000, duplicates);
        assertThat(slowest).isLessThanOrEqualTo(2_000_000);
        assertThat(duplicates).isLessThanOrEqualTo(3);
        assertThat(spreads).allMatch(s -> s.reachedAt().size() == 1000);
    }

    @Test
    void the_same_seed_gives_the_same_run() {
        long seed = seed();
        List<List<Long>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            var simulation = new Simulation(seed);
            var network = network(simulation, new Links(simulation, Conditions.INTERNET), 100);
            Spread spread = network.publish(7, TOPIC, new byte[100]);
            simulation.run(Duration.ofSeconds(3));
            runs.add(spread.reachedAt().values().stream().sorted().toList());
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1));
    }

    @Test
    void what_a_partition_held_back_comes_by_gossip_when_it_heals() {
        var simulation = new Simulation(seed());
        var links = new Links(simulation, Conditions.INTERNET);
        var network = network(simulation, links, 100);
        for (int node = 0; node < 20; node++) {
            links.side(node, 1);
        }
        Spread spread = network.publish(50, TOPIC, new byte[100]);
        simulation.run(Duration.ofMillis(1500));
        assertThat(spread.reachedAt().keySet()).noneMatch(n -> n < 20).hasSizeGreaterThan(70);
        for (int node = 0; node < 20; node++) {
            links.side(node, 0);
        }
        simulation.run(Duration.ofSeconds(6));
        assertThat(spread.reachedAt()).hasSize(100);
    }

    @Test
    void who_sends_invalid_messages_is_pruned_from_every_mesh() {
        var simulation = new Simulation(seed());
        var network = new GossipSimulation(
                simulation,
                new Links(simulation, Conditions.INTERNET),
                50,
                GossipConfig.DEFAULT,
                (node, message) -> node == 0 || message.data()[0] == 0);
        network.connectAtRandom(6);
        network.joinAll(TOPIC);
        simulation.run(Duration.ofSeconds(10));
        for (int i = 0; i < 10; i++) {
            network.publish(0, TOPIC, new byte[] {1});
            simulation.run(Duration.ofSeconds(1));
        }
        for (int node = 1; node < 50; node++) {
            assertThat(network.router(node).mesh(TOPIC))
                    .doesNotContain(network.router(0).self());
        }
        Spread good = network.publish(1, TOPIC, new byte[] {0});
        simulation.run(Duration.ofSeconds(3));
        assertThat(good.reachedAt()).hasSizeGreaterThanOrEqualTo(49);
    }
}
