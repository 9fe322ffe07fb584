package network.mycelium.itests;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.bench.libp2p.PeerProcess;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who finds no room in a mesh is told of others, by this libp2p and by js- and go-libp2p (gossipsub v1.1, peer
/// exchange).
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PeerExchangeIT {
    private static final String TOPIC = "exchange";
    /// More than the largest mesh of js and go.
    private static final int MANY = 16;

    private final List<GossipNode> ours = new ArrayList<>();
    private PeerProcess theirs;

    private void start(String implementation) throws Exception {
        theirs = implementation.equals("go") ? ForeignPeers.go("noise", "ed25519") : ForeignPeers.js("noise");
        theirs.ask("subscribe", "topic", TOPIC);
    }

    private GossipNode node() throws Exception {
        GossipNode node = GossipNode.follow(TOPIC);
        ours.add(node);
        return node;
    }

    @AfterEach
    void stop() throws Exception {
        ours.forEach(GossipNode::close);
        if (theirs != null) {
            theirs.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"js", "go"})
    void ours_meet_those_whom_a_full_foreign_peer_names(String implementation) throws Exception {
        start(implementation);
        for (int i = 0; i < MANY; i++) {
            node().swarm().connect(Multiaddr.parse(theirs.address()));
        }
        await().atMost(Duration.ofSeconds(40))
                .until(() -> ours.stream()
                        .anyMatch(node -> node.swarm().connections().size() > 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"js", "go"})
    void a_foreign_peer_meets_those_whom_a_full_node_of_ours_names(String implementation) throws Exception {
        GossipNode hub = node();
        int room = GossipConfig.DEFAULT.dHigh();
        for (int i = 0; i < room; i++) {
            node().connect(hub);
        }
        await().until(() -> hub.mesh() == room);
        start(implementation);
        theirs.ask("connect", "address", hub.address());
        PeerId foreign = PeerId.parse(theirs.id());
        await().atMost(Duration.ofSeconds(40)).until(() -> ours.stream().skip(1).anyMatch(node -> node.knows(foreign)));
    }
}
