package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.GossipMessage;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.NodeEnvelopes;
import network.mycelium.simulation.GossipSimulation;
import network.mycelium.simulation.GossipSimulation.Spread;
import network.mycelium.simulation.Links;
import network.mycelium.simulation.Links.Conditions;
import network.mycelium.simulation.Simulation;
import org.junit.jupiter.api.Test;

/// A thousand nodes in one process, each with the statements of a node, under the node's own gossip over simulated
/// links across the internet.
class StatementSpreadTest {
    private static final int NODES = 1000;
    private static final int DIRECTIVES = 10;
    private static final int BODY = 512;
    private static final String TOPIC = "statements";
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    private final Envelopes founder = new NodeEnvelopes(
            new NodeKey(ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(1).array()));
    private final Genesis genesis = Genesis.make("test", NOW, founder.self(), 1);
    private final List<StatementBook> books = new ArrayList<>();

    private boolean take(int node, GossipMessage message) {
        return books.get(node).offer(SignedStatement.parse(founder, message.data()))
                instanceof StatementBook.Outcome.Accepted;
    }

    @Test
    void a_directive_holds_on_nearly_all_of_a_thousand_nodes_within_two_seconds() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        var simulation = new Simulation(seed);
        for (int i = 0; i < NODES; i++) {
            books.add(new StatementBook(genesis.network(), () -> NOW, List.of()));
        }
        var network = new GossipSimulation(
                simulation, new Links(simulation, Conditions.INTERNET), NODES, GossipConfig.DEFAULT, this::take);
        network.connectAtRandom(10);
        network.joinAll(TOPIC);
        simulation.run(Duration.ofSeconds(15));

        long slowest = 0;
        for (int i = 1; i <= DIRECTIVES; i++) {
            byte[] directive = SignedStatement.sign(
                            founder,
                            genesis.network().id(),
                            "directive",
                            "weather",
                            i,
                            NOW,
                            NOW.plus(Duration.ofDays(1)),
                            new byte[BODY])
                    .toBytes();
            int giver = simulation.random().nextInt(NODES);
            books.get(giver).offer(SignedStatement.parse(founder, directive));
            Spread spread = network.publish(giver, TOPIC, directive);
            simulation.run(Duration.ofSeconds(5));
            slowest = Math.max(slowest, spread.micros(0.95, NODES));
            long newest = i;
            assertThat(books)
                    .as("seed %d", seed)
                    .allMatch(book -> book.find("directive", "weather")
                            .filter(d -> d.statement().sequence() == newest)
                            .isPresent());
        }
        System.out.printf("a directive holds on 95 %% of %d nodes after %d ms at most%n", NODES, slowest / 1000);
        assertThat(slowest).as("seed %d", seed).isLessThan(2_000_000);
    }
}
