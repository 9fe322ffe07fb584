package network.mycelium.libp2p;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/// Says which peers this node talks to. Register it as a service; any gate's refusal is enough. Called on the thread
/// that connects, so it must not block for long.
@ConsumerType
public interface ConnectionGate {
    /// Asked before an address is dialled, and, with no peer, when a connection comes in.
    ///
    /// @return why not, for the log; empty to let it pass
    default Optional<String> refuseAddress(Optional<PeerId> peer, Multiaddr address) {
        return Optional.empty();
    }

    /// Asked when the peer has proved who it is, before any other protocol opens.
    ///
    /// @return why not, for the log; empty to let it pass
    default Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
        return Optional.empty();
    }
}
