package network.mycelium.libp2p.core.gossip;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import network.mycelium.libp2p.PeerId;

/// Messages that peers announced and were asked for: who announces must deliver in time, or misbehaves (gossipsub v1.1,
/// P7). One thread at a time.
final class Promises {
    private final Map<String, Map<PeerId, Long>> deadlines = new HashMap<>();

    /// @param deadline in milliseconds, as all times here
    void promised(String message, PeerId by, long deadline) {
        deadlines.computeIfAbsent(message, id -> new HashMap<>()).putIfAbsent(by, deadline);
    }

    /// The message came, from whomever.
    void kept(String message) {
        deadlines.remove(message);
    }

    /// @param culprit told of each promise that is broken by now
    void broken(long now, Consumer<PeerId> culprit) {
        for (var it = deadlines.values().iterator(); it.hasNext(); ) {
            Map<PeerId, Long> promised = it.next();
            promised.entrySet().removeIf(e -> {
                if (e.getValue() > now) {
                    return false;
                }
                culprit.accept(e.getKey());
                return true;
            });
            if (promised.isEmpty()) {
                it.remove();
            }
        }
    }
}
