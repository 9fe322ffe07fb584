package network.mycelium.identity.core.document;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Says who the operators are, how many keyholders must sign the next charter, and who decides which kind of statement.
/// What can be said of one charter alone is checked when it is read; what it owes to its parent, by [Amendment].
///
/// @param network empty in version 0, which is part of the genesis document
/// @param parent the hash of the charter before; empty in version 0
/// @param attempt which try for this parent, 1 to 65,535; 0 in version 0
/// @param made in milliseconds; a lower bound of the time, vouched for by those who signed
/// @param recovery keys that sign charters and nothing else
/// @param threshold keyholders that must sign the next charter
/// @param validators none, or 4 to 95
/// @param validatorsSince the version that named this set
/// @param roots hashes of lists of statements that stand, whoever signed them: see [RootList]
/// @param floor statements made under earlier versions count by a root alone
public record Charter(
        Optional<Hash> network,
        int version,
        Optional<Hash> parent,
        int attempt,
        long made,
        List<Operator> operators,
        List<Key> recovery,
        int threshold,
        List<Rule> rules,
        List<Key> validators,
        int validatorsSince,
        List<Hash> roots,
        int floor) {
    /// The format that this code reads.
    public static final int FORMAT = 1;

    public static final int MAX_SIZE = 16 << 10;
    public static final int MAX_KEYHOLDERS = 64;
    public static final int MAX_ATTEMPT = 65_535;
    public static final int MAX_ROOTS = 16;
    public static final int MIN_VALIDATORS = 4;
    public static final int MAX_VALIDATORS = 95;
    /// Of operators' names, in characters.
    public static final int MAX_NAME = 64;

    private static final Set<String> OPERATORS_ONLY = Set.of("member", "renewal");

    public Charter {
        operators = List.copyOf(operators);
        recovery = List.copyOf(recovery);
        rules = List.copyOf(rules);
        validators = List.copyOf(validators);
        roots = List.copyOf(roots);
    }

    /// @throws MalformedDocument if it is not a charter that could stand by itself
    public static Charter parse(byte[] bytes) {
        Charter charter = Fields.canonical("charter", bytes, MAX_SIZE, Charter::read, Charter::write);
        charter.check();
        return charter;
    }

    /// The format that it says, without looking at the rest: one of a later format cannot be parsed.
    public static long format(byte[] bytes) {
        try {
            var in = new ProtoReader(bytes);
            return in.next() == 1 ? Fields.uint32(in) : 0;
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    /// Operators and recovery keys.
    public Set<Key> keyholders() {
        Set<Key> all = new HashSet<>(recovery);
        operators.forEach(operator -> all.add(operator.key()));
        return all;
    }

    public Optional<Operator> operator(Key key) {
        return operators.stream().filter(o -> o.key().equals(key)).findFirst();
    }

    /// The rule of a kind, else that of all others. No unknown kind is said once.
    public Rule rule(String kind) {
        Rule others = null;
        for (Rule rule : rules) {
            if (rule.kind().equals(kind)) {
                return rule;
            }
            if (rule.kind().equals(Rule.OTHERS)) {
                others = rule;
            }
        }
        if (others == null) {
            throw new IllegalStateException("A charter has a rule for all other kinds");
        }
        return others;
    }

    /// How many signatures a kind takes: of operators, or n − (n−1)/3 of the validators.
    public int needed(String kind) {
        Rule rule = rule(kind);
        return rule.quorum() ? quorum(validators.size()) : rule.operators();
    }

    /// n − (n−1)/3, so that any two quorums share an honest validator while less than a third are not.
    public static int quorum(int validators) {
        return validators - (validators - 1) / 3;
    }

    /// Those of the keys that are keyholders' here.
    public int weight(Collection<Key> signers) {
        Set<Key> holders = keyholders();
        return (int) signers.stream().distinct().filter(holders::contains).count();
    }

    private void check() {
        boolean first = version == 0;
        Fields.require(first == network.isEmpty(), "a charter names the network, and version 0 alone does not");
        Fields.require(first == parent.isEmpty(), "a charter names its parent, and version 0 alone has none");
        Fields.require(first == (attempt == 0) && attempt <= MAX_ATTEMPT, "an attempt is 1 to 65535, 0 in version 0");
        Fields.require(!first || roots.isEmpty(), "version 0 has no roots");
        checkKeys();
        checkRules();
        Fields.require(roots.size() <= MAX_ROOTS, "a charter has at most 16 roots");
        Fields.require(new HashSet<>(roots).size() == roots.size(), "a charter names a root once");
        Fields.require(floor <= version, "a floor is a version that there is");
        Fields.require(floor < version || first || roots.size() <= 1, "a new floor has one root at most");
    }

    private void checkKeys() {
        int holders = operators.size() + recovery.size();
        Fields.require(!operators.isEmpty(), "a charter has an operator");
        Fields.require(holders <= MAX_KEYHOLDERS, "a charter has at most 64 keyholders");
        Fields.require(keyholders().size() == holders, "keyholders are all different");
        Fields.require(
                threshold <= holders && 2 * threshold > holders, "a threshold is more than half of the keyholders");
        Set<String> names = new HashSet<>();
        for (Operator operator : operators) {
            Fields.require(
                    !operator.name().isEmpty() && operator.name().length() <= MAX_NAME && names.add(operator.name()),
                    "operators have different names of 1 to 64 characters");
            Fields.require(operator.since() <= version, "an operator is one since a version that there is");
        }
        int size = validators.size();
        Fields.require(
                size == 0 || size >= MIN_VALIDATORS && size <= MAX_VALIDATORS, "validators are none, or 4 to 95");
        Fields.require(new HashSet<>(validators).size() == size, "validators are all different");
        Fields.require(validatorsSince <= version, "validators are there since a version that there is");
    }

    private void checkRules() {
        Set<String> kinds = new HashSet<>();
        for (Rule rule : rules) {
            Fields.require(
                    !rule.kind().isEmpty() && rule.kind().length() <= Statement.MAX_KIND && kinds.add(rule.kind()),
                    "a charter has one rule for a kind");
            Fields.require(rule.operators() <= operators.size(), "a rule takes no more operators than there are");
            Fields.require(!rule.quorum() || !validators.isEmpty(), "a quorum takes validators");
            Fields.require(
                    !OPERATORS_ONLY.contains(rule.kind()) || !rule.quorum() && !rule.once(),
                    "member and renewal are decided by operators, and not once");
            Fields.require(!rule.kind().equals(Rule.OTHERS) || !rule.once(), "no unknown kind is said once");
        }
        Fields.require(kinds.contains(Rule.OTHERS), "a charter has a rule for all other kinds");
        for (String kind : OPERATORS_ONLY) {
            Fields.require(!rule(kind).quorum(), "member and renewal are decided by operators");
        }
    }

    private static Charter read(ProtoReader in) {
        long format = 0;
        Hash network = null;
        int version = 0;
        Hash parent = null;
        int attempt = 0;
        long made = 0;
        List<Operator> operators = new ArrayList<>();
        List<Key> recovery = new ArrayList<>();
        int threshold = 0;
        List<Rule> rules = new ArrayList<>();
        List<Key> validators = new ArrayList<>();
        int validatorsSince = 0;
        List<Hash> roots = new ArrayList<>();
        int floor = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> format = Fields.uint32(in);
                case 2 -> network = Hash.of(in.bytes());
                case 3 -> version = Fields.number(in);
                case 4 -> parent = Hash.of(in.bytes());
                case 5 -> attempt = Fields.number(in);
                case 6 -> made = Fields.time(in);
                case 7 -> operators.add(Operator.read(in.message()));
                case 8 -> recovery.add(Key.of(in.bytes()));
                case 9 -> threshold = Fields.number(in);
                case 10 -> rules.add(Rule.read(in.message()));
                case 11 -> validators.add(Key.of(in.bytes()));
                case 12 -> validatorsSince = Fields.number(in);
                case 13 -> roots.add(Hash.of(in.bytes()));
                case 14 -> floor = Fields.number(in);
                default -> throw new MalformedDocument("a charter has an unknown field");
            }
        }
        Fields.require(format == FORMAT, "a charter of format %d, read is %d".formatted(format, FORMAT));
        return new Charter(
                Optional.ofNullable(network),
                version,
                Optional.ofNullable(parent),
                attempt,
                made,
                operators,
                recovery,
                threshold,
                rules,
                validators,
                validatorsSince,
                roots,
                floor);
    }

    private ProtoWriter write() {
        var out = new ProtoWriter().varint(1, FORMAT);
        network.ifPresent(hash -> out.bytes(2, hash.bytes()));
        Fields.put(out, 3, version);
        parent.ifPresent(hash -> out.bytes(4, hash.bytes()));
        Fields.put(out, 5, attempt);
        Fields.put(out, 6, made);
        operators.forEach(operator -> out.message(7, operator.write()));
        recovery.forEach(key -> out.bytes(8, key.message()));
        Fields.put(out, 9, threshold);
        rules.forEach(rule -> out.message(10, rule.write()));
        validators.forEach(key -> out.bytes(11, key.message()));
        Fields.put(out, 12, validatorsSince);
        roots.forEach(root -> out.bytes(13, root.bytes()));
        Fields.put(out, 14, floor);
        return out;
    }
}
