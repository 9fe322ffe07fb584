package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// A statement that is kept, with its verified signatures and what supports it at present.
final class Entry {
    /// Of two statements about one register, the later in this order holds.
    static final Comparator<Entry> RANK = Comparator.comparing((Entry e) -> e.document, Entry::compare);

    final Document<Statement> document;
    final Map<Key, byte[]> signatures = new TreeMap<>();
    Set<Key> operators = Set.of();
    Set<Key> validators = Set.of();
    Set<Hash> roots = Set.of();
    boolean satisfied;

    Entry(Document<Statement> document) {
        this.document = document;
    }

    Entry copy() {
        Entry copy = new Entry(document);
        copy.signatures.putAll(signatures);
        copy.operators = operators;
        copy.validators = validators;
        copy.roots = roots;
        copy.satisfied = satisfied;
        return copy;
    }

    Statement statement() {
        return document.content();
    }

    Register register() {
        return document.content().register();
    }

    /// The order of rank: for members and renewals the generation comes first, then what cannot be undone in it.
    static int compare(Document<Statement> one, Document<Statement> other) {
        Statement a = one.content();
        Statement b = other.content();
        int order = 0;
        if (a.member().isPresent() && b.member().isPresent()) {
            order = Integer.compare(
                    a.member().get().generation(), b.member().get().generation());
            order = order != 0
                    ? order
                    : Boolean.compare(
                            a.member().get().revoked(), b.member().get().revoked());
        } else if (a.renewal().isPresent() && b.renewal().isPresent()) {
            order = Integer.compare(
                    a.renewal().get().generation(), b.renewal().get().generation());
            order = order != 0
                    ? order
                    : Long.compare(
                            a.renewal().get().expires(), b.renewal().get().expires());
        }
        order = order != 0 ? order : Integer.compare(a.charter(), b.charter());
        order = order != 0 ? order : Long.compare(a.sequence(), b.sequence());
        return order != 0 ? order : one.hash().compareTo(other.hash());
    }

    boolean isSupported() {
        return !operators.isEmpty() || !validators.isEmpty() || !roots.isEmpty();
    }

    /// Whether this supports whatever that other does.
    boolean covers(Entry other) {
        return operators.containsAll(other.operators)
                && validators.containsAll(other.validators)
                && roots.containsAll(other.roots);
    }

    /// Signatures that say nothing any more are forgotten.
    void keepSupport() {
        signatures.keySet().removeIf(key -> !operators.contains(key) && !validators.contains(key));
    }

    /// Who supports it, as values of one type.
    Set<Object> support() {
        Set<Object> all = new HashSet<>(operators);
        all.addAll(validators);
        all.addAll(roots);
        return all;
    }

    Set<Key> signers() {
        Set<Key> all = new HashSet<>(operators);
        all.addAll(validators);
        return all;
    }

    Held held() {
        return new Held(document, operators, validators, roots);
    }

    Signed signed() {
        List<Signature> all = new ArrayList<>();
        signatures.forEach((key, signature) -> all.add(new Signature(key, signature)));
        return new Signed(document.bytes(), all);
    }

    int size() {
        return document.bytes().length;
    }
}
