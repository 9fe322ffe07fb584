package network.mycelium.identity.core.store;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SignatureCheck;
import network.mycelium.identity.core.wire.SigningInput;

/// Checks signatures within the budget of who sent them. A bad one is dropped, not the document.
final class Verifier {
    private final SignatureCheck check;
    private final SignatureBudget budget = new SignatureBudget();

    Verifier(SignatureCheck check) {
        this.check = check;
    }

    boolean isSpent(Sender from, long now) {
        return !from.trusted() && budget.isSpent(from, now);
    }

    /// @param pause milliseconds, if the checks are too many for now: then none was made
    record Verified(Map<Key, byte[]> good, long pause) {}

    Verified verify(SigningInput domain, Hash document, Signed signed, Set<Key> wanted, Sender from, long now) {
        Map<Key, byte[]> candidates = new TreeMap<>();
        for (Signature signature : signed.signatures()) {
            if (wanted.contains(signature.key())) {
                candidates.putIfAbsent(signature.key(), signature.signature());
            }
        }
        if (from.trusted()) {
            return new Verified(candidates, 0);
        }
        long wait = candidates.isEmpty() ? 0 : budget.pay(from, candidates.size(), now);
        if (wait > 0) {
            return new Verified(Map.of(), wait);
        }
        byte[] input = domain.over(document);
        Map<Key, byte[]> good = new TreeMap<>();
        candidates.forEach((key, signature) -> {
            if (check.verify(key, input, signature)) {
                good.put(key, signature);
            } else {
                budget.bad(from, now);
            }
        });
        return new Verified(good, 0);
    }
}
