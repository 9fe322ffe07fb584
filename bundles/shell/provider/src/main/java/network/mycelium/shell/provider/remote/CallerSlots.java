package network.mycelium.shell.provider.remote;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import network.mycelium.libp2p.PeerId;

/// Who runs how many commands here. A caller has a few at once, and the last place is for operators, so that others
/// cannot lock them out. Safe from any thread.
final class CallerSlots {
    private final int total;
    private final int perCaller;
    private final int forOperators;
    private final Map<PeerId, Integer> taken = new HashMap<>();
    private int all;

    CallerSlots(int total, int perCaller, int forOperators) {
        this.total = total;
        this.perCaller = perCaller;
        this.forOperators = forOperators;
    }

    /// A place that was taken; closing it, once, gives it back.
    interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /// @return empty if there is none for this caller
    synchronized Optional<Slot> take(PeerId caller, boolean operator) {
        int own = taken.getOrDefault(caller, 0);
        if (own >= perCaller || all >= (operator ? total : total - forOperators)) {
            return Optional.empty();
        }
        taken.put(caller, own + 1);
        all++;
        return Optional.of(() -> giveBack(caller));
    }

    private synchronized void giveBack(PeerId caller) {
        all--;
        taken.computeIfPresent(caller, (peer, own) -> own == 1 ? null : own - 1);
    }
}
