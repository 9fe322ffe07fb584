package network.mycelium.libp2p.provider.swarm;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;

/// All gates of this node; one refusal is enough, and a gate that fails refuses.
public final class Gates {
    private final List<ConnectionGate> gates = new CopyOnWriteArrayList<>();

    public void add(ConnectionGate gate) {
        gates.add(gate);
    }

    public void remove(ConnectionGate gate) {
        gates.remove(gate);
    }

    Optional<String> refuseAddress(Optional<PeerId> peer, Multiaddr address) {
        return first(gate -> gate.refuseAddress(peer, address));
    }

    Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
        return first(gate -> gate.refusePeer(peer, address, outbound));
    }

    private Optional<String> first(Function<ConnectionGate, Optional<String>> question) {
        for (ConnectionGate gate : gates) {
            Optional<String> refusal;
            try {
                refusal = question.apply(gate);
            } catch (RuntimeException | Error e) {
                System.getLogger(Gates.class.getName())
                        .log(System.Logger.Level.WARNING, "a gate failed, so it refuses: " + gate, e);
                refusal = Optional.of("a gate failed: " + e);
            }
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }
}
