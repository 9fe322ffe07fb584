package network.mycelium.libp2p.provider.limits;

/// How much one scope may use.
///
/// @param memory bytes of receive buffers
public record Limits(int connections, int streams, long memory) {}
