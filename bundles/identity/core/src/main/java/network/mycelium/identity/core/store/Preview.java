package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.document.Charter;

/// What would hold if a proposed charter held, against what holds.
///
/// @param falls what holds now and would not, or by another statement
/// @param comesBack what would hold then and does not now
/// @param mayBeLost how many keyholders could be lost after, and the rest could still amend: n − m
public record Preview(List<Held> falls, List<Held> comesBack, int mayBeLost) {
    static Preview between(StatementBook now, StatementBook then, Charter next) {
        return new Preview(
                missing(now, then), missing(then, now), next.keyholders().size() - next.threshold());
    }

    /// What holds in the one and not in the other.
    private static List<Held> missing(StatementBook one, StatementBook other) {
        List<Held> all = new ArrayList<>();
        for (Entry entry : one.holders()) {
            Optional<Entry> there = other.holder(entry.register());
            if (there.isEmpty() || !there.get().document.equals(entry.document)) {
                all.add(entry.held());
            }
        }
        return all;
    }
}
