package network.mycelium.libp2p.core.gossip;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import network.mycelium.libp2p.PeerId;

/// To whom goes what is published on topics that this node does not follow. One thread at a time.
final class Fanouts {
    /// Who could be taken for a topic now, in the order in which they are.
    interface Candidates {
        List<PeerId> of(String topic, long now);
    }

    private static final class Fanout {
        private final Set<PeerId> peers = new HashSet<>();
        private long lastPublish;
    }

    private final GossipConfig config;
    private final BiPredicate<String, PeerId> isFit;
    private final Candidates candidates;
    private final Map<String, Fanout> fanouts = new HashMap<>();

    /// @param isFit whether a peer still follows a topic and behaves well enough
    Fanouts(GossipConfig config, BiPredicate<String, PeerId> isFit, Candidates candidates) {
        this.config = config;
        this.isFit = isFit;
        this.candidates = candidates;
    }

    Set<PeerId> published(String topic, long now) {
        Fanout fanout = fanouts.computeIfAbsent(topic, t -> new Fanout());
        fanout.lastPublish = now;
        fill(topic, fanout, now);
        return fanout.peers;
    }

    private void fill(String topic, Fanout fanout, long now) {
        fanout.peers.removeIf(peer -> !isFit.test(topic, peer));
        for (PeerId peer : candidates.of(topic, now)) {
            if (fanout.peers.size() >= config.d()) {
                return;
            }
            fanout.peers.add(peer);
        }
    }

    /// The node follows the topic from now on.
    ///
    /// @return who was sent to
    Set<PeerId> remove(String topic) {
        Fanout fanout = fanouts.remove(topic);
        return fanout == null ? Set.of() : fanout.peers;
    }

    void disconnected(PeerId peer) {
        fanouts.values().forEach(fanout -> fanout.peers.remove(peer));
    }

    /// @param each told of each topic and its peers that go on
    void heartbeat(long now, BiConsumer<String, Set<PeerId>> each) {
        fanouts.values().removeIf(f -> now - f.lastPublish > config.fanoutTtl().toMillis());
        fanouts.forEach((topic, fanout) -> {
            fill(topic, fanout, now);
            each.accept(topic, fanout.peers);
        });
    }
}
