package network.mycelium.identity.core.signer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Preview;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Builds the charter after the one that holds. Each step gives another draft; nothing is signed and nothing changes.
/// [#charter] says what is wrong with a draft that cannot stand.
public final class NextCharter {
    /// An operator alone admits and prolongs, however many there are.
    private static final List<String> ALONE = List.of("member", "renewal");

    private final DocumentStore store;
    private final Charter draft;
    private final List<RootList> lists;

    private NextCharter(DocumentStore store, Charter draft, List<RootList> lists) {
        this.store = store;
        this.draft = draft;
        this.lists = List.copyOf(lists);
    }

    /// The same as the one that holds, as one more attempt.
    ///
    /// @param attempt above all that this key signed for the tip: see [SignerMemory]
    /// @param clock in milliseconds
    public static NextCharter after(DocumentStore store, int attempt, long clock) {
        Document<Charter> tip = store.holding().tip();
        Charter before = tip.content();
        var draft = new Charter(
                Optional.of(store.holding().network()),
                before.version() + 1,
                Optional.of(tip.hash()),
                attempt,
                Math.max(clock, before.made()),
                before.operators(),
                before.recovery(),
                before.threshold(),
                before.rules(),
                before.validators(),
                before.validatorsSince(),
                before.roots(),
                before.floor());
        return new NextCharter(store, draft, List.of());
    }

    /// The attempt after all that are known for the tip: those that this key signed, and those that others proposed, as
    /// far as they are at most 16 ahead.
    public static int attempt(DocumentStore store, SignerMemory memory) {
        Holding holding = store.holding();
        int signed = memory.highest(holding.tip().hash());
        int known = holding.charterProposals().stream()
                .mapToInt(p -> p.charter().content().attempt())
                .filter(attempt -> attempt < signed + SignerChecks.MAX_ATTEMPTS_AHEAD)
                .max()
                .orElse(0);
        return Math.max(signed, known) + 1;
    }

    /// One more operator. It takes the place of a recovery code while there is one, so that the threshold stays; from
    /// the second operator on, most of them are asked for all but memberships, unless a rule says otherwise.
    public NextCharter add(String name, Key key) {
        return add(name, key, Set.of());
    }

    /// As [#add(String, Key)]; the code whose place is taken is none of these while there is another.
    ///
    /// @param present recovery keys that are at hand
    public NextCharter add(String name, Key key, Set<Key> present) {
        List<Operator> operators = new ArrayList<>(draft.operators());
        operators.add(new Operator(name, key, draft.version()));
        List<Key> recovery = new ArrayList<>(draft.recovery());
        if (!recovery.isEmpty()) {
            recovery.remove(recovery.reversed().stream()
                    .filter(code -> !present.contains(code))
                    .findFirst()
                    .orElse(recovery.getLast()));
        }
        return keyholders(operators, recovery);
    }

    /// Takes an operator out. What he alone signed falls unless it is listed: see [#standing].
    public NextCharter remove(String name) {
        List<Operator> operators = new ArrayList<>(draft.operators());
        if (!operators.removeIf(operator -> operator.name().equals(name))) {
            throw new IllegalArgumentException("There is no operator of the name " + name);
        }
        return keyholders(operators, draft.recovery());
    }

    /// Puts another key into an operator's place.
    public NextCharter replace(String name, Key next) {
        if (draft.operators().stream().noneMatch(operator -> operator.name().equals(name))) {
            throw new IllegalArgumentException("There is no operator of the name " + name);
        }
        return keyholders(
                draft.operators().stream()
                        .map(o -> o.name().equals(name) ? new Operator(name, next, draft.version()) : o)
                        .toList(),
                draft.recovery());
    }

    /// Puts other recovery keys in place of those that there are.
    public NextCharter recovery(List<Key> keys) {
        return keyholders(draft.operators(), keys);
    }

    /// How many keyholders sign the charter after this one.
    public NextCharter threshold(int threshold) {
        return with(draft.operators(), draft.recovery(), threshold, draft.rules());
    }

    private NextCharter keyholders(List<Operator> operators, List<Key> recovery) {
        int holders = operators.size() + recovery.size();
        int threshold = Math.clamp(draft.threshold(), holders / 2 + 1, Math.max(holders / 2 + 1, holders));
        return with(operators, recovery, threshold, rules(operators.size()));
    }

    /// A rule that took most of the operators, but for memberships, takes most of them again; none takes more than
    /// there
    /// are.
    private List<Rule> rules(int operators) {
        int before = draft.operators().size();
        List<Rule> rules = new ArrayList<>();
        for (Rule rule : draft.rules()) {
            boolean most = !ALONE.contains(rule.kind()) && rule.operators() == most(before);
            int needed = most ? most(operators) : Math.min(rule.operators(), operators);
            rules.add(new Rule(rule.kind(), needed, rule.once()));
        }
        for (String kind : ALONE) {
            if (rules.stream().noneMatch(rule -> rule.kind().equals(kind))) {
                rules.add(new Rule(kind, 1, false));
            }
        }
        return rules;
    }

    private static int most(int operators) {
        return operators / 2 + 1;
    }

    /// Another rule for a kind.
    public NextCharter rule(Rule rule) {
        List<Rule> rules = new ArrayList<>(draft.rules());
        rules.removeIf(old -> old.kind().equals(rule.kind()));
        rules.add(rule);
        return with(draft.operators(), draft.recovery(), draft.threshold(), rules);
    }

    /// Another set of validators. What only the old ones signed falls unless it is listed.
    public NextCharter validators(List<Key> validators) {
        return new NextCharter(
                store,
                like(
                        draft.operators(),
                        draft.recovery(),
                        draft.threshold(),
                        draft.rules(),
                        validators,
                        draft.version(),
                        draft.roots(),
                        draft.floor()),
                lists);
    }

    private NextCharter with(List<Operator> operators, List<Key> recovery, int threshold, List<Rule> rules) {
        Charter next = like(
                operators,
                recovery,
                threshold,
                rules,
                draft.validators(),
                draft.validatorsSince(),
                draft.roots(),
                draft.floor());
        return new NextCharter(store, next, lists);
    }

    private NextCharter roots(List<Hash> roots, List<RootList> newLists, int floor) {
        Charter next = like(
                draft.operators(),
                draft.recovery(),
                draft.threshold(),
                draft.rules(),
                draft.validators(),
                draft.validatorsSince(),
                roots,
                floor);
        return new NextCharter(store, next, newLists);
    }

    /// The same attempt with this content.
    private Charter like(
            List<Operator> operators,
            List<Key> recovery,
            int threshold,
            List<Rule> rules,
            List<Key> validators,
            int validatorsSince,
            List<Hash> roots,
            int floor) {
        return new Charter(
                draft.network(),
                draft.version(),
                draft.parent(),
                draft.attempt(),
                draft.made(),
                operators,
                recovery,
                threshold,
                rules,
                validators,
                validatorsSince,
                roots,
                floor);
    }

    /// What would change if this draft held.
    public Preview preview() {
        return store.preview(draft, lists);
    }

    /// What holds now and would not under this draft.
    public List<Held> falling() {
        return preview().falls();
    }

    /// Of what would fall, what does not depend on anybody's choice: revocations of a generation that was certified
    /// stand. One of a generation beyond it would lock the member for ever, and is not among them.
    public List<Held> revocations() {
        return falling().stream()
                .filter(held -> held.statement()
                        .member()
                        .filter(member -> member.revoked()
                                && store.certified(held.statement().register().key()) >= member.generation())
                        .isPresent())
                .toList();
    }

    /// Lists statements by one more root, whoever signed them. Where the places for roots are used up, all lists become
    /// one.
    ///
    /// @param statements hashes of documents that are kept here
    public NextCharter standing(Set<Hash> statements) {
        if (statements.isEmpty()) {
            return this;
        }
        RootList added = RootList.of(statements);
        List<Hash> roots = new ArrayList<>(draft.roots());
        List<RootList> all = new ArrayList<>(lists);
        if (roots.size() == Charter.MAX_ROOTS) {
            Set<Hash> together = new HashSet<>(statements);
            roots.forEach(root -> together.addAll(store.list(root)
                    .orElseThrow(() -> new IllegalStateException("The list of a root is not known here: " + root))
                    .statements()));
            added = RootList.of(together);
            roots.clear();
            all.clear();
        }
        if (!roots.contains(added.root())) {
            roots.add(added.root());
            all.add(added);
        }
        return roots(roots, all, draft.floor());
    }

    /// Closes the past: one list of all that holds takes the place of all lists, and nothing else that was said before
    /// counts any more.
    public NextCharter close() {
        Set<Hash> all = new HashSet<>();
        store.holding().all().forEach(held -> all.add(held.document().hash()));
        RootList list = RootList.of(all);
        return roots(List.of(list.root()), List.of(list), draft.version());
    }

    /// Proposes again what a charter of a fork that lost had changed: keyholders, threshold, rules.
    ///
    /// @param lost the charter
    /// @param before its parent
    public NextCharter rebase(Charter lost, Charter before) {
        List<Operator> operators = new ArrayList<>(draft.operators());
        Set<Key> removed = new HashSet<>(keys(before));
        removed.removeAll(keys(lost));
        operators.removeIf(operator -> removed.contains(operator.key()));
        for (Operator operator : lost.operators()) {
            if (before.operator(operator.key()).isEmpty()
                    && draft.operator(operator.key()).isEmpty()) {
                operators.add(new Operator(operator.name(), operator.key(), draft.version()));
            }
        }
        Set<Key> recovery = new LinkedHashSet<>(draft.recovery());
        before.recovery().stream().filter(key -> !lost.recovery().contains(key)).forEach(recovery::remove);
        lost.recovery().stream().filter(key -> !before.recovery().contains(key)).forEach(recovery::add);
        NextCharter next = keyholders(operators, List.copyOf(recovery));
        for (Rule rule : lost.rules()) {
            if (!before.rules().contains(rule)) {
                next = next.rule(rule);
            }
        }
        if (!lost.validators().equals(before.validators())) {
            next = next.validators(lost.validators());
        }
        return lost.threshold() == before.threshold() ? next : next.threshold(lost.threshold());
    }

    private static Set<Key> keys(Charter charter) {
        Set<Key> all = new HashSet<>();
        charter.operators().forEach(operator -> all.add(operator.key()));
        return all;
    }

    /// Lists that the draft's roots name and the store has not: to be offered after the charter.
    public List<RootList> lists() {
        return lists;
    }

    /// The draft as a document.
    ///
    /// @throws network.mycelium.identity.core.wire.MalformedDocument which says what is wrong with it
    public Document<Charter> charter() {
        return Document.charter(draft.toBytes());
    }
}
