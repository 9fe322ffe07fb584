package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.wire.Key;

/// The statements that have not enough signatures. Each counting signer has places of his own, so that nobody can take
/// those of another.
final class Proposals {
    private final Map<Key, Set<Entry>> bySigner = new HashMap<>();
    private final Comparator<Entry> priority;

    /// @param holder what holds about a register
    Proposals(Function<Register, Optional<Entry>> holder) {
        // Those first that would take the place of what holds, then the newest charter, then the highest hash.
        this.priority = Comparator.comparing((Entry entry) -> holder.apply(entry.register())
                        .map(held -> Entry.RANK.compare(entry, held) > 0)
                        .orElse(true))
                .thenComparingInt(entry -> entry.statement().charter())
                .thenComparing(entry -> entry.document.hash())
                .reversed();
    }

    /// @return those that have no place any more, perhaps itself
    Set<Entry> add(Entry entry) {
        Set<Entry> displaced = new HashSet<>();
        for (Key key : entry.signers()) {
            Set<Entry> mine = bySigner.computeIfAbsent(key, k -> new HashSet<>());
            if (mine.add(entry)) {
                displaced.addAll(withoutPlace(mine));
            }
        }
        displaced.removeIf(this::hasPlace);
        displaced.forEach(this::remove);
        return displaced;
    }

    void remove(Entry entry) {
        for (Key key : entry.signatures.keySet()) {
            Set<Entry> mine = bySigner.get(key);
            if (mine != null) {
                mine.remove(entry);
            }
        }
    }

    private boolean hasPlace(Entry entry) {
        return entry.signers().stream()
                .anyMatch(key ->
                        !withoutPlace(bySigner.getOrDefault(key, Set.of())).contains(entry));
    }

    private Set<Entry> withoutPlace(Set<Entry> mine) {
        int bytes = mine.stream().mapToInt(Entry::size).sum();
        if (mine.size() <= Limits.PROPOSALS && bytes <= Limits.PROPOSAL_BYTES) {
            return Set.of();
        }
        List<Entry> ordered = new ArrayList<>(mine);
        ordered.sort(priority);
        Set<Entry> without = new HashSet<>();
        int places = 0;
        int used = 0;
        for (Entry entry : ordered) {
            if (places < Limits.PROPOSALS && used + entry.size() <= Limits.PROPOSAL_BYTES) {
                places++;
                used += entry.size();
            } else {
                without.add(entry);
            }
        }
        return without;
    }
}
