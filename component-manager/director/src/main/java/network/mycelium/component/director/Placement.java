package network.mycelium.component.director;

import java.util.Collection;
import java.util.List;
import network.mycelium.component.Directive;
import network.mycelium.identity.Rendezvous;

/// Which members run a component.
final class Placement {
    private Placement() {}

    /// @param living who counts as living
    /// @return peer ids
    static List<String> among(Directive directive, Collection<Heard> living) {
        return of(
                directive,
                living.stream()
                        .filter(one -> one.isSelected(directive))
                        .filter(one -> directive.concernsAll() || !one.maintained())
                        .map(Heard::peer)
                        .toList());
    }

    /// @param members ids of the members that live and are selected
    /// @return those who run it, the preferred first where it is a number of them
    static List<String> of(Directive directive, Collection<String> members) {
        if (directive.concernsAll()) {
            return List.copyOf(members);
        }
        List<String> ranked = Rendezvous.order(directive.component(), members);
        return ranked.subList(0, Math.min(directive.count(), ranked.size()));
    }
}
