package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import network.mycelium.bench.libp2p.PeerProcess;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.json.JSONArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// gossipsub in a mesh of six nodes of this libp2p, two of js-libp2p and two of go-libp2p; without Go four of
/// js-libp2p.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MixedGossipIT {
    private static final String TOPIC = "mixed";

    private final List<PeerProcess> theirs = new ArrayList<>();
    private final List<GossipNode> ours = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        for (int i = 0; i < 4; i++) {
            boolean go = i % 2 == 1 && ForeignPeers.goMissing().isEmpty();
            PeerProcess peer = go ? ForeignPeers.go("noise", "ed25519") : ForeignPeers.js("noise");
            theirs.add(peer);
            peer.ask("subscribe", "topic", TOPIC);
        }
        ForeignPeers.goMissing().ifPresent(why -> System.out.println("without go-libp2p: " + why));
        for (int i = 0; i < 6; i++) {
            ours.add(GossipNode.follow(TOPIC));
        }
    }

    @AfterEach
    void stop() throws Exception {
        ours.forEach(GossipNode::close);
        for (PeerProcess peer : theirs) {
            peer.close();
        }
    }

    /// A ring in which theirs and ours take turns, with a few chords.
    private void connectAll() throws Exception {
        for (int i = 0; i < 6; i++) {
            Swarm next = ours.get((i + 1) % 6).swarm();
            ours.get(i).swarm().connect(next.id(), next.addresses());
        }
        for (int i = 0; i < 4; i++) {
            ours.get(i).swarm().connect(Multiaddr.parse(theirs.get(i).address()));
            Swarm other = ours.get(i + 2).swarm();
            theirs.get(i)
                    .ask(
                            "connect",
                            "address",
                            other.addresses().getFirst().of(other.id()).toString());
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> ours.stream()
                        .allMatch(o -> o.gossip().topics().getFirst().mesh() >= 2));
        for (PeerProcess peer : theirs) {
            await().until(() -> ((JSONArray) peer.ask("mesh", "topic", TOPIC)).length() >= 1);
        }
    }

    private List<String> got(PeerProcess peer) throws Exception {
        List<String> texts = new ArrayList<>();
        for (Object message : (JSONArray) peer.ask("messages", "topic", TOPIC)) {
            texts.add(new String(Base64.getDecoder().decode((String) message), StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static void publish(PeerProcess peer, String text) throws Exception {
        peer.ask(
                "publish",
                "topic",
                TOPIC,
                "data",
                Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void all_ten_hear_all_ten() throws Exception {
        connectAll();
        String large = "x".repeat(20_000);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String text = "ours " + i + (i == 0 ? large : "");
            ours.get(i).topic().publish(text.getBytes(StandardCharsets.UTF_8));
            all.add(text);
        }
        for (int i = 0; i < 4; i++) {
            String text = "theirs " + i + (i == 0 ? large : "");
            publish(theirs.get(i), text);
            all.add(text);
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(ours).allSatisfy(o -> assertThat(o.got()).containsAll(all)));
        for (int i = 0; i < 4; i++) {
            PeerProcess peer = theirs.get(i);
            int own = 6 + i;
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                List<String> expected = new ArrayList<>(all);
                expected.remove(own);
                assertThat(got(peer)).containsAll(expected);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void who_publishes_invalid_messages_is_scored_down_and_no_longer_heard(int who) throws Exception {
        connectAll();
        PeerProcess bad = theirs.get(who);
        GossipNode neighbour = ours.get(who);
        for (int i = 0; i < 6; i++) {
            publish(bad, "!" + i);
        }
        await().until(() -> neighbour.gossip().scores().getLast().score() < ScoreConfig.DEFAULT.graylist());
        assertThat(neighbour.gossip().scores().getLast().peer()).hasToString(bad.id());
        assertThat(ours).allSatisfy(o -> assertThat(o.got()).noneMatch(text -> text.startsWith("!")));
        ours.get(4).topic().publish("still here".getBytes(StandardCharsets.UTF_8));
        await().untilAsserted(() ->
                assertThat(ours).allSatisfy(o -> assertThat(o.got()).contains("still here")));
    }
}
