package network.mycelium.libp2p.provider.channel;

import java.util.Optional;
import network.mycelium.libp2p.core.keys.PublicKey;

/// An encrypted wire to a peer that proved who it is.
public interface SecureWire extends Wire {
    /// Such as `/noise`.
    String protocol();

    PublicKey remote();

    /// Shared by both ends of this connection alone: 32 bytes.
    byte[] binding();

    /// The muxer that the handshake agreed on; empty if multistream-select must.
    Optional<String> muxer();
}
