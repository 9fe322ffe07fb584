package network.mycelium.component.director;

import java.util.Collection;
import java.util.List;
import network.mycelium.component.Directive;
import network.mycelium.identity.Rendezvous;

/// Which members run a component of which there is a number.
final class Placement {
    private Placement() {}

    /// @param members ids of the members that live and are selected
    /// @return in the order of preference
    static List<String> of(Directive directive, Collection<String> members) {
        List<String> ranked = Rendezvous.order(directive.component(), members);
        return directive.concernsAll() ? ranked : ranked.subList(0, Math.min(directive.count(), ranked.size()));
    }
}
