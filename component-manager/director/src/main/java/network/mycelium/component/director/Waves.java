package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.identity.Rendezvous;

/// The order in which the nodes of a roll-out change, and how it falls into waves.
final class Waves {
    private Waves() {}

    /// The order in which these nodes change: another one for each version, and the same on every node that
    /// asks. Where they are more than a directive can name, those left over change when all that are named
    /// run well.
    ///
    /// @param placed peer ids
    static List<String> order(Directive directive, Collection<String> placed) {
        List<String> all = Rendezvous.order(directive.component() + "@" + directive.versions(), placed);
        return all.subList(0, Math.min(all.size(), DirectiveCodec.MAX_ORDER));
    }

    /// Where each wave begins among that many nodes; the last entry is their number, where those begin that
    /// are not named.
    static List<Integer> starts(Rollout rollout, int nodes) {
        List<Integer> starts = new ArrayList<>();
        int canaries = Math.min(rollout.canaries(), nodes);
        if (canaries > 0) {
            starts.add(0);
        }
        int size = Math.max(1, Math.ceilDiv((nodes - canaries) * rollout.wavePercent(), 100));
        for (int at = canaries; at < nodes; at += size) {
            starts.add(at);
        }
        starts.add(nodes);
        return starts;
    }
}
