package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Builds the charter that a change makes of the present one. Pure; the lists of what stands are added by who knows
/// the statements.
final class CharterBuilder {
    private static final List<String> ONE_OPERATOR = List.of("member", "renewal");

    private final Hash network;
    private final Document<Charter> parent;
    private final List<Operator> operators;
    private final List<Key> recovery;
    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private final int version;
    private List<Key> validators;
    private int validatorsSince;
    private List<Hash> roots;
    private int floor;

    CharterBuilder(Hash network, Document<Charter> parent) {
        Charter c = parent.content();
        this.network = network;
        this.parent = parent;
        this.version = c.version() + 1;
        this.operators = new ArrayList<>(c.operators());
        this.recovery = new ArrayList<>(c.recovery());
        c.rules().forEach(rule -> rules.put(rule.kind(), rule));
        this.validators = c.validators();
        this.validatorsSince = c.validatorsSince();
        this.roots = c.roots();
        this.floor = c.floor();
    }

    /// The first charter of a network.
    static Charter first(String name, Key founder, List<Key> recovery, long made) {
        return new Charter(
                Optional.empty(),
                0,
                Optional.empty(),
                0,
                made,
                List.of(new Operator(name, founder, 0)),
                recovery,
                majority(1 + recovery.size()),
                List.of(
                        new Rule("member", 1, false),
                        new Rule("renewal", 1, false),
                        new Rule("order", 1, true),
                        new Rule(Rule.OTHERS, 1, false)),
                List.of(),
                0,
                List.of(),
                0);
    }

    private static int majority(int of) {
        return of / 2 + 1;
    }

    /// @param used recovery keys that sign it, which are not dropped while there are others
    /// @throws IllegalArgumentException if it makes no sense, saying why
    CharterBuilder change(Change change, Collection<Key> used) {
        switch (change) {
            case Change.Add(String name, var peer, boolean sameRules) ->
                add(name, NodeSigner.key(peer), used, sameRules);
            case Change.Remove(var peer, var _, var _) -> remove(NodeSigner.key(peer));
            case Change.Replace(var peer, var next, var _) -> replace(NodeSigner.key(peer), NodeSigner.key(next));
            case Change.Decide(String kind, int number, var who) -> decide(kind, number, who);
            case Change.Close() -> close();
            case Change.Rebase _ -> throw new IllegalArgumentException("a rebase takes the charter that lost");
        }
        return this;
    }

    private void close() {
        floor = version;
        roots = List.of();
    }

    private void add(String name, Key key, Collection<Key> used, boolean sameRules) {
        MemberNames.objection(name).ifPresent(objection -> {
            throw new IllegalArgumentException(objection);
        });
        if (operators.stream().anyMatch(o -> o.key().equals(key) || o.name().equalsIgnoreCase(name))) {
            throw new IllegalArgumentException("there is such an operator already: " + name);
        }
        int before = operators.size();
        operators.add(new Operator(name, key, version));
        if (!recovery.isEmpty()) {
            Key dropped = recovery.reversed().stream()
                    .filter(code -> !used.contains(code))
                    .findFirst()
                    .orElse(recovery.getLast());
            recovery.remove(dropped);
        }
        if (!sameRules) {
            defaults(before);
        }
    }

    private void remove(Key key) {
        int before = operators.size();
        if (!operators.removeIf(o -> o.key().equals(key))) {
            throw new IllegalArgumentException("%s is no operator".formatted(key));
        }
        if (operators.isEmpty()) {
            throw new IllegalArgumentException("a network has one operator at least");
        }
        defaults(before);
    }

    private void replace(Key key, Key next) {
        for (int i = 0; i < operators.size(); i++) {
            if (operators.get(i).key().equals(key)) {
                operators.set(i, new Operator(operators.get(i).name(), next, version));
                return;
            }
        }
        throw new IllegalArgumentException("%s is no operator".formatted(key));
    }

    private void decide(String kind, int number, List<network.mycelium.libp2p.PeerId> who) {
        if (who != null) {
            validators = who.stream().map(NodeSigner::key).toList();
            validatorsSince = version;
        }
        boolean once = Optional.ofNullable(rules.get(kind)).map(Rule::once).orElse(false);
        rules.put(kind, new Rule(kind, number, once));
    }

    /// A rule that was most of the operators is most of them again; none asks for more than there are.
    private void defaults(int before) {
        int most = majority(operators.size());
        rules.replaceAll((kind, rule) -> {
            if (rule.quorum() || ONE_OPERATOR.contains(kind)) {
                return rule;
            }
            int number = rule.operators() == majority(before) ? most : Math.min(rule.operators(), operators.size());
            return new Rule(kind, number, rule.once());
        });
    }

    /// Says again what a charter that lost had said.
    CharterBuilder like(Charter lost) {
        List<Operator> anew = lost.operators().stream()
                .map(o -> new Operator(
                        o.name(),
                        o.key(),
                        parent.content().operator(o.key()).map(Operator::since).orElse(version)))
                .toList();
        operators.clear();
        operators.addAll(anew);
        recovery.clear();
        recovery.addAll(lost.recovery());
        rules.clear();
        lost.rules().forEach(rule -> rules.put(rule.kind(), rule));
        if (!validators.equals(lost.validators())) {
            validators = lost.validators();
            validatorsSince = version;
        }
        return this;
    }

    CharterBuilder root(Hash list) {
        List<Hash> more = new ArrayList<>(roots);
        if (!more.contains(list)) {
            more.add(list);
        }
        if (more.size() > Charter.MAX_ROOTS) {
            throw new IllegalArgumentException(
                    "the charter keeps %d lists already: `network charter close` makes one of them"
                            .formatted(Charter.MAX_ROOTS));
        }
        roots = more;
        return this;
    }

    /// @param attempt which try for the present charter it is
    /// @param now in milliseconds
    /// @throws IllegalArgumentException if it breaks a bound
    Charter build(int attempt, long now) {
        var charter = new Charter(
                Optional.of(network),
                version,
                Optional.of(parent.hash()),
                attempt,
                Math.max(now, parent.content().made()),
                operators,
                recovery,
                majority(operators.size() + recovery.size()),
                List.copyOf(rules.values()),
                validators,
                validatorsSince,
                roots,
                floor);
        return Charter.parse(charter.toBytes());
    }
}
