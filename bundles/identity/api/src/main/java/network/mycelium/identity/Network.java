package network.mycelium.identity;

import java.time.Instant;
import java.util.List;
import network.mycelium.libp2p.PeerId;

/// A network as its genesis document made it; none of this ever changes.
///
/// @param id SHA-256 of the genesis document, 64 lower-case hexadecimal digits
/// @param founders whose word is law: they appoint operators
/// @param threshold how many operators must sign what directs the network
public record Network(String id, String name, Instant created, List<PeerId> founders, int threshold) {}
