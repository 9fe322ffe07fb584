package network.mycelium.identity;

import java.time.Instant;

/// A network as its genesis document made it; none of this ever changes. Who speaks for it, its [Charters] say.
///
/// @param id SHA-256 of the genesis document, 64 lower-case hexadecimal digits
public record Network(String id, String name, Instant created) {}
