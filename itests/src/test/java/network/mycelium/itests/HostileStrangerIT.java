package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.address;
import static network.mycelium.itests.TestNetwork.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What somebody who is no member learns of a node of the distribution.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileStrangerIT {
    /// The present one, and the one before it.
    private static final List<String> PROOFS = List.of("/mycelium/membership/2.0.0", "/mycelium/membership/1.0.0");

    private static final int LIMIT = 1 << 20;

    @TempDir
    static Path temp;

    private final BlockingQueue<byte[]> learned = new LinkedBlockingQueue<>();
    private TestNetwork network;
    private NodeProcess founder;
    private GossipNode stranger;

    @BeforeAll
    void make() throws Exception {
        network = new TestNetwork(temp);
        founder = network.node("founder");
        // Without an option, so that any version takes it.
        founder.send("network", "init", "test").ok();
        stranger = GossipNode.follow("nothing");
        for (String proof : PROOFS) {
            stranger.swarm().handle(proof, this::reflect);
        }
    }

    @AfterAll
    void close() throws Exception {
        stranger.close();
        network.close();
    }

    private void listen(Stream stream) {
        try {
            learned.add(Delimited.read(stream.input(), LIMIT));
        } catch (IOException e) {
            learned.add(new byte[0]);
        }
    }

    private void reflect(Stream stream) throws IOException {
        Delimited.write(stream, Delimited.read(stream.input(), LIMIT));
        listen(stream);
    }

    @Test
    void who_sends_the_greeting_back_learns_neither_names_nor_the_network() throws Exception {
        founder.send("p2p", "connect", stranger.address());
        byte[] answer = learned.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("founder", "sclerotium");
        assertThat(answer).isEmpty();
    }

    @Test
    void who_greets_at_random_gets_no_answer_and_no_other_protocol() throws Exception {
        Multiaddr address = Multiaddr.parse(address(founder));
        var connection = stranger.swarm().connect(address);
        for (String proof : PROOFS) {
            try (Stream stream = connection.open(proof)) {
                stream.timeout(Duration.ofSeconds(15));
                Delimited.write(stream, new byte[64]);
                listen(stream);
                assertThat(learned.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEmpty();
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
        await().atMost(SOON)
                .until(() -> !founder.send("p2p", "peers")
                        .ok()
                        .out()
                        .contains(stranger.swarm().id().toString()));
        assertThat(stranger.swarm()
                        .peer(PeerId.parse(peer(founder)))
                        .orElseThrow()
                        .protocols())
                .isEmpty();
    }
}
