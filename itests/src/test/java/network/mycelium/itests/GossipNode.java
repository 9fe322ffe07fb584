package network.mycelium.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.gossip.GossipService;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;

/// A node of this libp2p that follows one topic, beside foreign peers. Messages that begin with `!` are invalid.
///
/// @param got texts that came on the topic
record GossipNode(Swarm swarm, GossipService gossip, Topic topic, Set<String> got) implements AutoCloseable {
    static GossipNode follow(String name) throws IOException {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        var key = new NodeKey(seed);
        Swarm swarm = new Swarm(key, Settings.DEFAULT, new PeerBook()).start();
        swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        GossipService gossip =
                new GossipService(swarm, swarm.book(), key, GossipConfig.DEFAULT, ScoreConfig.DEFAULT).start();
        Topic topic = gossip.join(name);
        Set<String> got = ConcurrentHashMap.newKeySet();
        topic.subscribe(m -> got.add(new String(m.data(), StandardCharsets.UTF_8)));
        topic.validate(m -> m.data()[0] == '!' ? Verdict.REJECT : Verdict.ACCEPT);
        return new GossipNode(swarm, gossip, topic, got);
    }

    void connect(GossipNode other) throws IOException {
        swarm.connect(other.swarm.id(), other.swarm.addresses());
    }

    /// As a foreign peer is told it.
    String address() {
        return swarm.addresses().getFirst().of(swarm.id()).toString();
    }

    int mesh() {
        return gossip.topics().getFirst().mesh();
    }

    boolean knows(PeerId peer) {
        return swarm.connection(peer).isPresent();
    }

    @Override
    public void close() {
        gossip.close();
        swarm.close();
    }
}
