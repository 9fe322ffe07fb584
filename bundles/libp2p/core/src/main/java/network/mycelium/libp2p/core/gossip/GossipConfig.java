package network.mycelium.libp2p.core.gossip;

import java.time.Duration;

/// The parameters of gossipsub, by their names in libp2p/specs pubsub/gossipsub.
///
/// @param d peers of a mesh that are aimed at
/// @param dLow fewer than these, and peers are grafted
/// @param dHigh more than these, and peers are pruned
/// @param dScore best scored peers that pruning keeps
/// @param dOut outbound peers that a mesh keeps, so that nobody can fill it from outside
/// @param dLazy peers that hear of messages by gossip
/// @param gossipFactor part of the other peers that hear of them, if that is more
/// @param historyLength heartbeats that messages are kept for those who ask
/// @param historyGossip heartbeats that messages are told of
/// @param prunePeers peers that one is told of who is pruned, and that are believed of those told; 0 for no peer
///     exchange
/// @param idontwantBytes messages from this size on are announced to the mesh as no longer wanted
/// @param maxMessage bytes of the largest message
/// @param maxRpc bytes of the largest RPC
/// @param maxAnswer bytes of the largest RPC that answers those who ask, but for a message that is larger: other
///     implementations take RPCs of 1 MiB
/// @param maxTopicsPerPeer subscriptions that are kept of one peer
/// @param maxTopicBytesPerPeer characters of their topics in all
public record GossipConfig(
        int d,
        int dLow,
        int dHigh,
        int dScore,
        int dOut,
        int dLazy,
        double gossipFactor,
        Duration heartbeat,
        int historyLength,
        int historyGossip,
        Duration seenTtl,
        Duration fanoutTtl,
        Duration pruneBackoff,
        Duration unsubscribeBackoff,
        int prunePeers,
        Duration iwantFollowup,
        int gossipRetransmissions,
        int maxIhaveIds,
        int maxIhaveMessages,
        int maxIdontwantIds,
        int idontwantBytes,
        int opportunisticGraftTicks,
        int opportunisticGraftPeers,
        boolean floodPublish,
        int maxMessage,
        int maxRpc,
        int maxAnswer,
        int maxTopicsPerPeer,
        int maxTopicBytesPerPeer) {
    /// Smaller meshes than the specification's example, and gossip for what they miss: half of the copies, for a
    /// third more time to the last node (docs/adr/0007).
    public static final GossipConfig DEFAULT = new GossipConfig(
            4,
            3,
            6,
            3,
            1,
            6,
            0.25,
            Duration.ofSeconds(1),
            5,
            3,
            Duration.ofMinutes(2),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            16,
            Duration.ofSeconds(3),
            3,
            5000,
            10,
            1000,
            1024,
            60,
            2,
            true,
            1 << 20,
            4 << 20,
            1000 << 10,
            256,
            32 << 10);

    public GossipConfig {
        if (!(0 < dLow && dLow <= d && d <= dHigh && dScore <= d && dOut < dLow && 2 * dOut <= d)) {
            throw new IllegalArgumentException(
                    "The degrees do not fit: 0 < dLow <= d <= dHigh, dOut < dLow, 2 dOut <= d");
        }
    }
}
