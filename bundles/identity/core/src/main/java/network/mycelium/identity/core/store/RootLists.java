package network.mycelium.identity.core.store;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.wire.Hash;

/// The lists of the roots: all of the tip's, and within 16 MiB those of charters that may hold one day.
final class RootLists {
    private static final int MAX_OTHERS = 16 << 20;

    private final Map<Hash, RootList> lists = new TreeMap<>();

    Map<Hash, RootList> all() {
        return lists;
    }

    Optional<RootList> find(Hash root) {
        return Optional.ofNullable(lists.get(root));
    }

    /// @return whether it is new, and has a place
    boolean add(RootList list, Set<Hash> ofTip) {
        Hash root = list.root();
        if (lists.containsKey(root) || !ofTip.contains(root) && size(ofTip) + size(list) > MAX_OTHERS) {
            return false;
        }
        lists.put(root, list);
        return true;
    }

    /// Forgets all that no charter names that is kept.
    void retain(Collection<Hash> named) {
        lists.keySet().retainAll(named);
    }

    void putAll(RootLists other) {
        lists.putAll(other.lists);
    }

    private long size(Set<Hash> except) {
        return lists.entrySet().stream()
                .filter(e -> !except.contains(e.getKey()))
                .mapToLong(e -> size(e.getValue()))
                .sum();
    }

    private static long size(RootList list) {
        return (long) list.statements().size() * Hash.SIZE;
    }
}
