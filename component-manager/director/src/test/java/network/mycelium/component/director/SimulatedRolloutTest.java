package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import network.mycelium.component.director.SimulatedNetwork.Nature;
import org.junit.jupiter.api.Test;

/// Roll-outs in networks to which anything happens.
class SimulatedRolloutTest {
    private static final int NODES = 7;
    private static final int RUNS = Integer.getInteger("simulations", 25);

    private final long seed = Long.getLong("seed", System.nanoTime());

    private interface Run {
        void run(Random random, String replay);
    }

    private void repeat(Run run) {
        for (int i = 0; i < RUNS; i++) {
            run.run(new Random(seed + i), "replay with -Dseed=" + (seed + i));
        }
    }

    @Test
    void a_version_that_kills_its_nodes_never_gets_past_those_who_go_first() {
        repeat((random, replay) -> {
            int canaries = 1 + random.nextInt(2);
            var network = new SimulatedNetwork(random, NODES, Nature.KILLS, NODES);
            network.direct(canaries, 50, 0);
            network.disturb(120);
            network.mend();
            network.seconds(60);
            assertThat(network.tried).as(replay + network).hasSizeLessThanOrEqualTo(canaries);
            assertThat(network.nodes).as(replay + network).allMatch(node -> node.version.equals(SimulatedNetwork.OLD));
        });
    }

    @Test
    void a_version_that_fails_on_some_never_reaches_more_than_the_waves_before_and_one() {
        repeat((random, replay) -> {
            var network = new SimulatedNetwork(random, NODES, Nature.FAILS, 1 + random.nextInt(NODES));
            network.direct(1, 50, 0);
            int before = 0;
            for (int s = 0; s < 100; s++) {
                network.disturb(1);
                long failed = network.nodes.stream()
                        .filter(SimulatedNetwork.Node::rejected)
                        .count();
                // Of one wave at most: three of those who come after the first.
                assertThat(failed).as(replay + network).isLessThanOrEqualTo(3);
                before = network.tried.size();
            }
            network.mend();
            network.seconds(60);
            boolean halted = network.nodes.stream().anyMatch(SimulatedNetwork.Node::rejected);
            assertThat(network.nodes)
                    .as(replay + network + before)
                    .allMatch(node -> !halted || node.version.equals(SimulatedNetwork.OLD));
        });
    }

    @Test
    void whatever_happened_all_nodes_agree_some_time_after_it_is_over() {
        repeat((random, replay) -> {
            var network = new SimulatedNetwork(random, NODES, Nature.WORKS, 0);
            network.direct(1, 50, 0);
            network.disturb(100);
            network.mend();
            network.seconds(100);
            boolean anyKilledOnTrial = network.nodes.stream().anyMatch(SimulatedNetwork.Node::rejected);
            assertThat(network.nodes)
                    .as(replay + network)
                    .allMatch(node ->
                            node.version.equals(anyKilledOnTrial ? SimulatedNetwork.OLD : SimulatedNetwork.NEW));
        });
    }

    @Test
    void parts_that_do_not_hear_each_other_go_on_only_where_those_who_go_first_are() {
        repeat((random, replay) -> {
            var network = new SimulatedNetwork(random, NODES, Nature.WORKS, 0);
            network.direct(1, 100, 0);
            network.split(random.ints(NODES, 0, 2).toArray());
            network.seconds(60);
            var parts = network.nodes.stream()
                    .filter(node -> node.version.equals(SimulatedNetwork.NEW))
                    .toList();
            network.heal();
            network.seconds(60);
            assertThat(network.nodes)
                    .as("%s, %d went while there were two parts%s", replay, parts.size(), network)
                    .allMatch(node -> node.version.equals(SimulatedNetwork.NEW));
        });
    }

    @Test
    void what_a_bystander_says_changes_nothing_at_all() {
        repeat((random, replay) -> {
            long same = random.nextLong();
            var honest = new SimulatedNetwork(new Random(same), NODES, Nature.FAILS, 1);
            var lied = new SimulatedNetwork(new Random(same), NODES, Nature.FAILS, 1);
            honest.direct(2, 50, 1);
            lied.direct(2, 50, 1);
            lied.lie();
            for (int s = 0; s < 60; s++) {
                honest.disturb(1);
                lied.disturb(1);
                assertThat(lied.toString()).as(replay).isEqualTo(honest.toString());
            }
        });
    }
}
