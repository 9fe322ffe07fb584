package network.mycelium.libp2p;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// Publish and subscribe over gossipsub. A service; safe from any thread.
@ProviderType
public interface PubSub {
    /// Joins a topic; each call gives a handle of its own, and the node leaves when the last one is closed.
    Topic join(String name);

    /// What this node follows.
    List<TopicStatus> topics();

    /// The peers' scores, highest first.
    List<PeerScore> scores();

    /// @param mesh peers that messages are exchanged with in full
    /// @param peers peers that follow the topic
    record TopicStatus(String name, int mesh, int peers, long delivered, long duplicates, long rejected) {}

    record PeerScore(PeerId peer, double score) {}
}
