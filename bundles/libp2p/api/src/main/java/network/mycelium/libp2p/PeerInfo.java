package network.mycelium.libp2p;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/// What is known of a peer.
///
/// @param addresses where it may be reached, best first
/// @param certified whether it signed these addresses itself
/// @param protocols what it offers, as it last told
/// @param agent what it runs, as it last told; empty if not known
/// @param seen when it was last connected
public record PeerInfo(
        PeerId id, List<Multiaddr> addresses, boolean certified, Set<String> protocols, String agent, Instant seen) {}
