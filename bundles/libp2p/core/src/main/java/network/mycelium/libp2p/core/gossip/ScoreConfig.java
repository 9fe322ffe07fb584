package network.mycelium.libp2p.core.gossip;

import java.time.Duration;

/// The parameters of peer scoring, gossipsub v1.1, with the same ones for each topic.
///
/// @param gossip below, no gossip is exchanged with the peer
/// @param publish below, own messages are not sent to it
/// @param graylist below, nothing that it sends is read
/// @param acceptPx from this on, the peer's suggestions of others are taken. The specification would have it above what
///     ordinary peers reach; here at most as many are dialled as a mesh lacks, so that nobody gains much by it
/// @param opportunisticGraft a mesh whose median is below gets better peers
/// @param timeInMesh per second, P1
/// @param firstDeliveries per first message, P2
/// @param meshDeliveries per squared missing message of a mesh peer, P3; 0 leaves it out, as quiet topics need
/// @param meshDeliveriesThreshold messages that a mesh peer should deliver
/// @param meshFailure per squared missing message of one that left the mesh, P3b
/// @param invalid per squared invalid message, P4
/// @param colocation per squared surplus peer of one IP address, P6
/// @param behaviour per squared surplus misbehaviour, P7
/// @param decay what is left of each counter after a second
/// @param retain how long a peer that left keeps a negative score
public record ScoreConfig(
        double gossip,
        double publish,
        double graylist,
        double acceptPx,
        double opportunisticGraft,
        double timeInMesh,
        double timeInMeshCap,
        double firstDeliveries,
        double firstDeliveriesCap,
        double meshDeliveries,
        double meshDeliveriesThreshold,
        Duration meshDeliveriesActivation,
        double meshFailure,
        double invalid,
        double colocation,
        int colocationThreshold,
        double behaviour,
        double behaviourThreshold,
        double decay,
        Duration retain) {
    public static final ScoreConfig DEFAULT = new ScoreConfig(
            -40,
            -80,
            -160,
            0,
            1,
            0.01,
            10,
            0.5,
            20,
            0,
            10,
            Duration.ofSeconds(30),
            0,
            -10,
            0,
            10,
            -10,
            6,
            0.99,
            Duration.ofMinutes(10));
}
