package network.mycelium.identity.core.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Whose signature counts under the charter that holds. Never changes: another path makes another one.
final class Authority {
    private final Charter charter;
    private final Hash[] path;
    private final Map<Key, Integer> operatorsSince = new HashMap<>();
    private final Set<Key> validators;
    private final Map<String, Rule> rules = new HashMap<>();
    private final Map<Hash, Set<Hash>> rootsOf = new HashMap<>();
    private final List<Hash> missing;

    /// @param lists those that are known, by root
    Authority(List<Document<Charter>> path, Map<Hash, RootList> lists) {
        this.charter = path.getLast().content();
        this.path = path.stream().map(Document::hash).toArray(Hash[]::new);
        for (Operator operator : charter.operators()) {
            operatorsSince.put(operator.key(), operator.since());
        }
        this.validators = new HashSet<>(charter.validators());
        for (Rule rule : charter.rules()) {
            rules.put(rule.kind(), rule);
        }
        this.missing = charter.roots().stream()
                .filter(root -> !lists.containsKey(root))
                .toList();
        for (Hash root : charter.roots()) {
            if (lists.containsKey(root)) {
                for (Hash statement : lists.get(root).statements()) {
                    rootsOf.computeIfAbsent(statement, s -> new HashSet<>()).add(root);
                }
            }
        }
    }

    Charter charter() {
        return charter;
    }

    List<Hash> missingLists() {
        return missing;
    }

    boolean isOnPath(Statement statement) {
        return statement.charter() < path.length && path[statement.charter()].equals(statement.charterHash());
    }

    /// Whether signatures of it may count at all.
    boolean speaks(Statement statement) {
        return isOnPath(statement) && statement.charter() >= charter.floor();
    }

    /// An operator now, without a break since the charter that the statement names.
    boolean isOperator(Key key, Statement statement) {
        Integer since = operatorsSince.get(key);
        return since != null && since <= statement.charter();
    }

    boolean isValidator(Key key, Statement statement) {
        return statement.charter() >= charter.validatorsSince() && validators.contains(key);
    }

    Set<Hash> roots(Hash statement) {
        return rootsOf.getOrDefault(statement, Set.of());
    }

    Rule rule(String kind) {
        Rule rule = rules.get(kind);
        return rule != null ? rule : rules.get(Rule.OTHERS);
    }

    /// Whether one operator alone decides a kind, so that a quota bounds him.
    boolean isOnePersons(String kind) {
        return rule(kind).operators() == 1;
    }

    int needed(String kind) {
        Rule rule = rule(kind);
        return rule.quorum() ? Charter.quorum(validators.size()) : rule.operators();
    }

    /// How many signatures count where the rule of the kind asks for them.
    int counting(Entry entry) {
        return rule(entry.register().kind()).quorum() ? entry.validators.size() : entry.operators.size();
    }

    /// Works out anew what supports a statement.
    void support(Entry entry) {
        Statement statement = entry.statement();
        Set<Key> operators = new HashSet<>();
        Set<Key> signedValidators = new HashSet<>();
        if (speaks(statement)) {
            for (Key key : entry.signatures.keySet()) {
                if (isOperator(key, statement)) {
                    operators.add(key);
                }
                if (isValidator(key, statement)) {
                    signedValidators.add(key);
                }
            }
        }
        entry.operators = Set.copyOf(operators);
        entry.validators = Set.copyOf(signedValidators);
        entry.roots = roots(entry.document.hash());
    }

    /// Those of the keys whose signature would count.
    Set<Key> counting(Statement statement, Collection<Key> keys) {
        Set<Key> all = new HashSet<>();
        if (speaks(statement)) {
            for (Key key : keys) {
                if (isOperator(key, statement) || isValidator(key, statement)) {
                    all.add(key);
                }
            }
        }
        return all;
    }
}
