package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.GossipMessage;
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
    private static final Register WEATHER = new Register("directive", "weather");
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    private final Envelopes founder = Keys.envelopes(1);
    private final NodeSigner signer = new NodeSigner(founder);
    private final Document<Genesis> genesis =
            Document.genesis(Founded.make("test", signer.key(), NOW, false).genesis());
    private final List<DocumentStore> stores = new ArrayList<>();

    private boolean take(int node, GossipMessage message) {
        return stores.get(node).offer(message.data(), Sender.member("peer"), NOW.toEpochMilli())
                instanceof Outcome.Kept;
    }

    private byte[] directive(int sequence) {
        byte[] document = Statement.of(
                        genesis.hash(),
                        WEATHER,
                        0,
                        genesis.content().charter().hash(),
                        sequence,
                        NOW.toEpochMilli(),
                        0,
                        new byte[BODY])
                .toBytes();
        Signature signature = signer.sign(SigningInput.STATEMENT, Hash.sha256(document));
        return new Item.OfStatement(Signed.of(document, List.of(signature))).toBytes();
    }

    @Test
    void a_directive_holds_on_nearly_all_of_a_thousand_nodes_within_two_seconds() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        var simulation = new Simulation(seed);
        for (int i = 0; i < NODES; i++) {
            stores.add(new DocumentStore(genesis, signer.check()));
        }
        var network = new GossipSimulation(
                simulation, new Links(simulation, Conditions.INTERNET), NODES, GossipConfig.DEFAULT, this::take);
        network.connectAtRandom(10);
        network.joinAll(TOPIC);
        simulation.run(Duration.ofSeconds(15));

        long slowest = 0;
        for (int i = 1; i <= DIRECTIVES; i++) {
            byte[] directive = directive(i);
            int giver = simulation.random().nextInt(NODES);
            stores.get(giver).offer(directive, Sender.DISK, NOW.toEpochMilli());
            Spread spread = network.publish(giver, TOPIC, directive);
            simulation.run(Duration.ofSeconds(5));
            slowest = Math.max(slowest, spread.micros(0.95, NODES));
            long newest = i;
            assertThat(stores)
                    .as("seed %d", seed)
                    .allMatch(store -> store.holding()
                            .holds(WEATHER)
                            .filter(held -> held.statement().sequence() == newest)
                            .isPresent());
        }
        System.out.printf("a directive holds on 95 %% of %d nodes after %d ms at most%n", NODES, slowest / 1000);
        assertThat(slowest).as("seed %d", seed).isLessThan(2_000_000);
    }
}
