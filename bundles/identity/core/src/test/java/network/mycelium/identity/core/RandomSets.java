package network.mycelium.identity.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import network.mycelium.identity.core.document.Amendment;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.identity.core.wire.SigningInput;

/// A random network: charters with forks, statements of honest and other signers, rotations, revocations, forgeries.
final class RandomSets {
    private static final List<Key> PEOPLE = keys("person", 6);
    private static final List<Key> MACHINES = keys("machine", 5);
    private static final List<Key> VALIDATORS = keys("validator", 5);
    private static final List<String> IDS =
            PEOPLE.subList(0, 3).stream().map(Key::peer).toList();
    private static final List<String> MACHINE_IDS =
            MACHINES.subList(0, 3).stream().map(Key::peer).toList();

    final Document<Genesis> genesis;
    final Optional<Pin> pin;
    final List<byte[]> items = new ArrayList<>();
    private final Random random;
    private final List<Document<Charter>> charters = new ArrayList<>();
    private final Map<Hash, Document<Charter>> byHash = new HashMap<>();
    private boolean incomplete;
    /// Whether a document comes in two halves, of which one may be forgotten before the other comes.
    boolean split;

    private static List<Key> keys(String name, int count) {
        List<Key> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Stubs.key(name + i));
        }
        return all;
    }

    RandomSets(long seed) {
        this(seed, 0);
    }

    /// @param least how many documents there are at least
    RandomSets(long seed, int least) {
        random = new Random(seed);
        int operators = 1 + random.nextInt(3);
        int codes = random.nextInt(3);
        int holders = operators + codes;
        int threshold = holders / 2 + 1 + random.nextInt(holders - holders / 2);
        genesis = Stubs.genesis(
                threshold, 1 + random.nextInt(operators), PEOPLE.subList(0, operators), keys("code", codes));
        charters.add(genesis.content().charter());
        byHash.put(charters.getFirst().hash(), charters.getFirst());
        int steps = 6 + random.nextInt(16);
        for (int i = 0; i < steps || items.size() < least; i++) {
            int what = random.nextInt(10);
            if (what < 3 && charters.size() < 9) {
                charter();
            } else if (what < 8) {
                statement();
            } else {
                rotation();
            }
        }
        pin = random.nextInt(6) == 0 ? Optional.of(pin(pick(charters))) : Optional.empty();
    }

    private static Pin pin(Document<Charter> charter) {
        return new Pin(charter.content().version(), charter.hash());
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private <T> List<T> some(List<T> all, int count) {
        List<T> copy = new ArrayList<>(all);
        Collections.shuffle(copy, random);
        return copy.subList(0, Math.min(count, copy.size()));
    }

    private void charter() {
        Document<Charter> parent = random.nextInt(3) > 0 ? charters.getLast() : pick(charters);
        Charter next;
        try {
            next = amend(parent);
            Charter.parse(next.toBytes());
        } catch (MalformedDocument e) {
            return;
        }
        Document<Charter> document = Document.charter(next.toBytes());
        if (Amendment.objection(document, parent, genesis).isPresent()) {
            return;
        }
        List<Key> holders = List.copyOf(parent.content().keyholders());
        boolean enough = incomplete || random.nextInt(6) > 0;
        incomplete |= !enough;
        int count = enough
                ? parent.content().threshold() + random.nextInt(2)
                : parent.content().threshold() - 1;
        Set<Key> signers = new HashSet<>(some(holders, count));
        if (enough) {
            signers.addAll(some(List.copyOf(next.keyholders()), next.threshold()));
            charters.add(document);
            byHash.put(document.hash(), document);
        }
        boolean halves = !incomplete && random.nextInt(8) == 0;
        incomplete |= halves;
        give(SigningInput.CHARTER, document.bytes(), List.copyOf(signers), halves);
    }

    private Charter amend(Document<Charter> parent) {
        Charter before = parent.content();
        int version = before.version() + 1;
        List<Operator> operators = new ArrayList<>(before.operators());
        List<Key> recovery = new ArrayList<>(before.recovery());
        List<Rule> rules = new ArrayList<>(before.rules());
        List<Key> validators = before.validators();
        int since = before.validatorsSince();
        List<Hash> roots = new ArrayList<>(before.roots());
        int floor = before.floor();
        switch (random.nextInt(6)) {
            case 0 -> {
                Key key = pick(PEOPLE);
                operators.add(new Operator("new" + version + random.nextInt(1000), key, version));
            }
            case 1 -> {
                operators.remove(random.nextInt(operators.size()));
                if (random.nextBoolean()) {
                    roots.add(list());
                }
            }
            case 2 -> {
                validators = some(VALIDATORS, 4 + random.nextInt(2));
                since = version;
                rules.removeIf(rule -> rule.kind().equals("directive"));
                rules.add(new Rule("directive", 0, false));
            }
            case 3 -> {
                rules.removeIf(
                        rule -> rule.kind().equals("directive") || rule.kind().equals("*"));
                rules.add(new Rule("*", 1 + random.nextInt(operators.size()), false));
            }
            case 4 -> {
                floor = version;
                roots = new ArrayList<>(List.of(list()));
            }
            default -> recovery.add(Stubs.key("code" + random.nextInt(4)));
        }
        rules.replaceAll(rule ->
                rule.operators() > operators.size() ? new Rule(rule.kind(), operators.size(), rule.once()) : rule);
        int holders = operators.size() + recovery.size();
        int threshold = holders / 2 + 1 + random.nextInt(Math.max(1, holders - holders / 2));
        return new Charter(
                Optional.of(genesis.hash()),
                version,
                Optional.of(parent.hash()),
                1 + random.nextInt(3),
                before.made() + random.nextInt(5),
                operators,
                recovery,
                Math.min(threshold, holders),
                rules,
                validators,
                since,
                roots,
                floor);
    }

    /// A list of some of the statements that there are so far.
    private Hash list() {
        List<Hash> known = new ArrayList<>();
        for (byte[] item : items) {
            if (Item.parse(item) instanceof Item.OfStatement(Signed signed)) {
                known.add(Hash.sha256(signed.document()));
            }
        }
        RootList list = RootList.of(some(known, random.nextInt(4)));
        items.add(new Item.OfRoot(list).toBytes());
        return list.root();
    }

    private void statement() {
        Document<Charter> under = random.nextInt(3) > 0 ? charters.getLast() : pick(charters);
        long sequence = 1L + random.nextInt(3);
        long expires = random.nextInt(3) * 1_000_000L;
        Statement statement = switch (random.nextInt(7)) {
            case 0, 1 -> member(under, sequence, expires);
            case 2 -> Stubs.renewal(genesis, under, id(), sequence, 1 + random.nextInt(2), 1_000 + random.nextInt(4));
            case 3 ->
                Stubs.statement(
                        genesis, under, new Register("order", "o" + random.nextInt(2)), sequence, expires, new byte[] {1
                        });
            case 4 ->
                Stubs.statement(
                        genesis, under, new Register("index", "i" + random.nextInt(2)), sequence, expires, new byte[] {
                            (byte) random.nextInt(2)
                        });
            default ->
                Stubs.statement(
                        genesis,
                        under,
                        new Register("directive", "d" + random.nextInt(2)),
                        sequence,
                        expires,
                        new byte[] {(byte) random.nextInt(2)});
        };
        List<Key> signers = new ArrayList<>(some(PEOPLE, 1 + random.nextInt(4)));
        if (statement.kind().equals("directive") && random.nextBoolean()) {
            signers.addAll(some(VALIDATORS, 5));
        }
        give(SigningInput.STATEMENT, statement.toBytes(), signers, random.nextInt(12) == 0);
    }

    private String id() {
        return random.nextBoolean() ? pick(MACHINE_IDS) : pick(IDS);
    }

    private Statement member(Document<Charter> under, long sequence, long expires) {
        int machine = random.nextInt(3);
        int generation = 1 + random.nextInt(2);
        Key first = generation == 1 ? MACHINES.get(machine) : pick(MACHINES);
        Member member = random.nextInt(4) == 0 ? Member.revoked(generation) : Stubs.certificate(generation, first);
        return Stubs.statement(
                genesis, under, Register.member(MACHINE_IDS.get(machine)), sequence, expires, member.toBytes());
    }

    private void rotation() {
        Key old = pick(MACHINES);
        Key next = pick(MACHINES);
        if (old.equals(next)) {
            return;
        }
        var rotation = new Rotation(genesis.hash(), pick(MACHINE_IDS), 1 + random.nextInt(2), old, next);
        List<Key> signers = random.nextInt(5) == 0 ? List.of(old, pick(PEOPLE)) : List.of(old, next);
        give(SigningInput.ROTATION, rotation.toBytes(), signers, false);
    }

    /// Puts it among the items, perhaps in two halves, perhaps with signatures that are none.
    private void give(SigningInput domain, byte[] document, List<Key> signers, boolean halves) {
        List<Signature> signatures = new ArrayList<>();
        for (Key key : Set.copyOf(signers)) {
            signatures.add(Stubs.sign(domain, document, key));
        }
        if (random.nextInt(6) == 0) {
            Key victim = pick(PEOPLE);
            signatures.removeIf(s -> s.key().equals(victim));
            signatures.add(Stubs.forge(domain, document, victim));
        }
        if (halves && signatures.size() > 1) {
            split = true;
            add(domain, Signed.of(document, signatures.subList(0, 1)));
            add(domain, Signed.of(document, signatures.subList(1, signatures.size())));
        } else {
            add(domain, Signed.of(document, signatures));
        }
    }

    private void add(SigningInput domain, Signed signed) {
        items.add(
                switch (domain) {
                    case CHARTER -> new Item.OfCharter(signed).toBytes();
                    case STATEMENT -> new Item.OfStatement(signed).toBytes();
                    case ROTATION -> new Item.OfRotation(signed).toBytes();
                });
    }

    static List<Key> everybody() {
        List<Key> all = new ArrayList<>(PEOPLE);
        all.addAll(MACHINES);
        return all;
    }

    /// The items in another order, some of them twice.
    List<byte[]> shuffled(Random order) {
        List<byte[]> all = new ArrayList<>(items);
        for (byte[] item : items) {
            if (order.nextInt(4) == 0) {
                all.add(Arrays.copyOf(item, item.length));
            }
        }
        Collections.shuffle(all, order);
        return all;
    }
}
