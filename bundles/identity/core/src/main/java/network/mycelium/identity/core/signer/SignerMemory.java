package network.mycelium.identity.core.signer;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// What the node of a signer remembers apart from the store, on its disk, written before a signature leaves.
///
/// @param attempts by the parent's hash: the highest attempt that this key signed, and which charters
/// @param ended keys that were ever known to be replaced or revoked, the oldest first; 20,000 at most, the newest
public record SignerMemory(Map<Hash, Attempts> attempts, Set<Key> ended) {
    /// @param highest of all that this key signed for the parent
    /// @param charters hashes of those
    public record Attempts(int highest, Set<Hash> charters) {
        public Attempts {
            charters = Set.copyOf(charters);
        }
    }

    private static final Attempts NONE = new Attempts(0, Set.of());
    /// Keys that are remembered to be replaced or revoked.
    public static final int MAX_ENDED = 20_000;

    public SignerMemory {
        attempts = Map.copyOf(attempts);
        ended = Collections.unmodifiableSet(new LinkedHashSet<>(ended));
    }

    public static SignerMemory empty() {
        return new SignerMemory(Map.of(), Set.of());
    }

    /// The highest attempt that this key signed for a parent, or 0.
    public int highest(Hash parent) {
        return attempts.getOrDefault(parent, NONE).highest();
    }

    /// The charters after a parent that this key signed.
    public Set<Hash> charters(Hash parent) {
        return attempts.getOrDefault(parent, NONE).charters();
    }

    /// With one more signature of a charter.
    public SignerMemory signed(Hash parent, int attempt, Hash charter) {
        var before = attempts.getOrDefault(parent, NONE);
        Set<Hash> charters = new HashSet<>(before.charters());
        charters.add(charter);
        Map<Hash, Attempts> all = new HashMap<>(attempts);
        all.put(parent, new Attempts(Math.max(before.highest(), attempt), charters));
        return new SignerMemory(all, ended);
    }

    /// With more keys that ended. At the bound the oldest are forgotten.
    public SignerMemory ended(Collection<Key> keys) {
        Set<Key> all = new LinkedHashSet<>(ended);
        all.addAll(keys);
        var oldest = all.iterator();
        while (all.size() > MAX_ENDED) {
            oldest.next();
            oldest.remove();
        }
        return new SignerMemory(attempts, all);
    }
}
