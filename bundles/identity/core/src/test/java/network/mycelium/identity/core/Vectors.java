package network.mycelium.identity.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
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
import network.mycelium.identity.core.signer.NextCharter;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SignatureCheck;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.core.keys.KeyType;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;

/// Makes the vectors, with real signatures of keys whose seeds are SHA-256 of their names.
final class Vectors {
    static final SignatureCheck CHECK = (key, input, signature) ->
            new PublicKey(KeyType.ED25519, key.point().bytes()).verify(input, signature);

    private static final HexFormat HEX = HexFormat.of();
    private static final long NOW = 1_000;

    private final Map<Key, NodeKey> keys = new HashMap<>();
    private final Key alice = key("alice");
    private final Key bob = key("bob");
    private final Key carol = key("carol");
    private final Key machine = key("machine");
    private final List<String> lines = new ArrayList<>();
    private final Document<Genesis> genesis;
    private final DocumentStore founded;
    private List<byte[]> items = new ArrayList<>();

    Vectors() {
        genesis = Stubs.genesis(2, 2, List.of(alice, bob, carol), List.of());
        founded = store(Optional.empty(), List.of());
    }

    private Key key(String name) {
        NodeKey key =
                new NodeKey(Hash.sha256(name.getBytes(StandardCharsets.UTF_8)).bytes());
        Key id = Key.of(key.publicKey().message());
        keys.put(id, key);
        return id;
    }

    private Signed sign(SigningInput domain, byte[] document, Key... signers) {
        byte[] input = domain.over(Hash.sha256(document));
        return Signed.of(
                document,
                Arrays.stream(signers)
                        .map(key -> new Signature(key, keys.get(key).sign(input)))
                        .toList());
    }

    private DocumentStore store(Optional<Pin> pin, List<byte[]> all) {
        var store = new DocumentStore(genesis, CHECK);
        pin.ifPresent(store::pin);
        for (int pass = 0; pass < 4; pass++) {
            all.forEach(item -> store.offer(item, Sender.DISK, NOW));
        }
        return store;
    }

    /// What two nodes must agree on: the hashes of the path, then of what holds in the order of the registers, then
    /// each
    /// member's key.
    static Hash digest(DocumentStore store) {
        var out = new StringBuilder();
        store.holding().path().forEach(c -> out.append(c.hash()).append('\n'));
        store.holding().all().forEach(h -> out.append(h.document().hash()).append('\n'));
        store.holding()
                .members()
                .forEach(m -> out.append(m.id())
                        .append(' ')
                        .append(m.key().map(Key::peer).orElse("none"))
                        .append('\n'));
        return Hash.sha256(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        documents();
        refusals();
        sets();
        return lines;
    }

    private void row(String... cells) {
        lines.add(String.join("\t", cells));
    }

    private void document(String what, byte[] bytes) {
        row("document", what, HEX.formatHex(bytes), Hash.sha256(bytes).toString());
    }

    private void signature(SigningInput domain, byte[] document, Key signer) {
        Hash hash = Hash.sha256(document);
        byte[] input = domain.over(hash);
        row(
                "signature",
                domain.name(),
                hash.toString(),
                HEX.formatHex(input),
                HEX.formatHex(signer.message()),
                HEX.formatHex(keys.get(signer).sign(input)));
    }

    private Statement directive(DocumentStore store, String name, long sequence, int body) {
        return Stubs.statement(
                genesis, store.holding().tip(), new Register("directive", name), sequence, 0, new byte[] {(byte) body});
    }

    private Statement member(DocumentStore store, long sequence, Member member) {
        return Stubs.member(genesis, store.holding().tip(), machine.peer(), sequence, member);
    }

    private void documents() {
        document("genesis", genesis.bytes());
        document("charter", genesis.content().charter().bytes());
        byte[] charter =
                NextCharter.after(founded, 1, NOW).remove("op2").charter().bytes();
        document("charter", charter);
        signature(SigningInput.CHARTER, charter, alice);
        byte[] statement = directive(founded, "weather", 1, 7).toBytes();
        document("statement", statement);
        signature(SigningInput.STATEMENT, statement, bob);
        document("statement", member(founded, 1, Stubs.certificate(1, machine)).toBytes());
        document("statement", member(founded, 2, Member.revoked(1)).toBytes());
        document(
                "statement",
                Stubs.renewal(genesis, founded.holding().tip(), machine.peer(), 1, 1, 99)
                        .toBytes());
        byte[] rotation = new Rotation(genesis.hash(), machine.peer(), 1, machine, key("next")).toBytes();
        document("rotation", rotation);
        signature(SigningInput.ROTATION, rotation, machine);
        document("list", RootList.of(List.of()).toBytes());
        document(
                "list",
                RootList.of(List.of(genesis.hash(), Hash.sha256(statement))).toBytes());
        document("signed", sign(SigningInput.STATEMENT, statement, alice, bob).toBytes());
    }

    private void refused(String what, byte[] bytes, String why) {
        row("refused", what, HEX.formatHex(bytes), why);
    }

    /// One charter with everything as in the parent but for what is given.
    private void refused(String why, UnaryOperator<Draft> change) {
        refused("charter", change.apply(new Draft(founded)).charter().toBytes(), why);
    }

    private void refusals() {
        refused("less than half", "a threshold is more than half of the keyholders", d -> d.threshold = 1);
        refused("more than all", "a threshold is more than half of the keyholders", d -> d.threshold = 4);
        refused("twice", "keyholders are all different", d -> d.recovery.add(alice));
        refused("none", "a charter has an operator", d -> d.operators.clear());
        refused("many", "at most 64 keyholders", d -> many(d.recovery, 62));
        refused("names", "operators have different names", d -> {
            d.operators.add(new Operator("op0", key("x"), 1));
            d.threshold = 3;
        });
        refused("later", "an operator is one since a version", d -> {
            d.operators.add(new Operator("x", key("x"), 2));
            d.threshold = 3;
        });
        refused("rule", "no more operators than there are", d -> d.rules.add(new Rule("x", 4, false)));
        refused("two rules", "one rule for a kind", d -> d.rules.add(new Rule("member", 1, false)));
        refused("no rule", "a rule for all other kinds", d -> d.rules.removeFirst());
        refused("quorum", "a quorum takes validators", d -> d.rules.add(new Rule("x", 0, false)));
        refused("once", "no unknown kind is said once", d -> d.rules.set(0, new Rule("*", 1, true)));
        refused("once", "member and renewal are decided", d -> d.rules.set(1, new Rule("member", 1, true)));
        refused("quorum", "member and renewal are decided", d -> {
            many(d.validators, 4);
            d.rules.set(1, new Rule("member", 0, false));
        });
        refused("few", "validators are none, or 4 to 95", d -> many(d.validators, 3));
        refused("many", "validators are none, or 4 to 95", d -> many(d.validators, 96));
        refused("attempt", "an attempt is 1 to 65535", d -> d.attempt = 0);
        refused("attempt", "an attempt is 1 to 65535", d -> d.attempt = 65_536);
        refused("network", "a charter names the network", d -> d.network = Optional.empty());
        refused("parent", "a charter names its parent", d -> d.parent = Optional.empty());
        refused("floor", "a floor is a version that there is", d -> d.floor = 2);
        refused("roots", "a charter names a root once", d -> d.roots.addAll(List.of(genesis.hash(), genesis.hash())));
        refused("floor", "a new floor has one root", d -> {
            d.floor = 1;
            d.roots.addAll(List.of(genesis.hash(), Hash.sha256(new byte[0])));
        });
        refused("roots", "at most 16 roots", d -> {
            for (int i = 0; i < 17; i++) {
                d.roots.add(Hash.sha256(new byte[] {(byte) i}));
            }
        });
        notCanonical();
    }

    private void refused(String ignored, String why, java.util.function.Consumer<Draft> change) {
        refused(why, draft -> {
            change.accept(draft);
            return draft;
        });
    }

    private void many(List<Key> into, int count) {
        for (int i = 0; i < count; i++) {
            into.add(Stubs.key("many" + i));
        }
    }

    private void notCanonical() {
        byte[] statement = directive(founded, "weather", 1, 7).toBytes();
        refused("statement", concat(statement, new byte[] {0x58, 1}), "unknown field");
        refused("statement", concat(statement, new byte[] {0x48, 0}), "not in canonical form");
        refused("statement", concat(new byte[] {0x38, 1}, statement), "not in canonical form");
        byte[] padded = statement.clone();
        int cut = padded.length - 1;
        refused("statement", replace(padded, new byte[] {0x38, 1}, new byte[] {0x38, (byte) 0x81, 0}), "canonical");
        refused(
                "statement",
                replace(padded, "weather".getBytes(StandardCharsets.UTF_8), new byte[] {
                    'w', 'e', 'a', (byte) 0xc3, 'h', 'e', 'r'
                }),
                "canonical");
        refused("statement", Arrays.copyOf(statement, cut), "cut off");
        byte[] old = genesis.bytes().clone();
        old[1] = 1;
        refused("genesis", old, "this network is of format 1");
        refused("list", concat(genesis.hash().bytes(), genesis.hash().bytes()), "sorted");
        refused("list", new byte[31], "32 bytes");
    }

    private static byte[] concat(byte[] one, byte[] two) {
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        return both;
    }

    private static byte[] replace(byte[] all, byte[] what, byte[] by) {
        String text = HEX.formatHex(all);
        return HEX.parseHex(text.replace(HEX.formatHex(what), HEX.formatHex(by)));
    }

    /// A store as far as the items go.
    private DocumentStore now() {
        return store(Optional.empty(), items);
    }

    private Document<Charter> charter(
            int attempt, UnaryOperator<NextCharter> change, DocumentStore on, Key... signers) {
        NextCharter next = change.apply(NextCharter.after(on, attempt, NOW));
        items.add(new Item.OfCharter(sign(SigningInput.CHARTER, next.charter().bytes(), signers)).toBytes());
        next.lists().forEach(list -> items.add(new Item.OfRoot(list).toBytes()));
        return next.charter();
    }

    private Statement say(Statement statement, Key... signers) {
        items.add(new Item.OfStatement(sign(SigningInput.STATEMENT, statement.toBytes(), signers)).toBytes());
        return statement;
    }

    private void set(String name, Optional<Pin> pin) {
        row(
                "set",
                name,
                HEX.formatHex(genesis.bytes()),
                pin.map(p -> p.version() + ":" + p.charter()).orElse(""),
                String.join(",", items.stream().map(HEX::formatHex).toList()),
                digest(store(pin, items)).toString());
        items = new ArrayList<>();
    }

    private void sets() {
        charter(1, n -> n.remove("op0"), founded, bob, carol);
        charter(2, n -> n.remove("op2"), founded, alice, bob);
        set("fork: the higher attempt", Optional.empty());
        charter(1, n -> n.rule(new Rule("index", 1, false)), founded, alice, bob);
        charter(1, n -> n.rule(new Rule("index", 3, false)), founded, alice, bob, carol);
        set("fork: more signatures", Optional.empty());
        charter(1, n -> n.rule(new Rule("index", 1, false)), founded, alice, bob);
        charter(1, n -> n.rule(new Rule("index", 3, false)), founded, alice, bob);
        set("fork: the higher hash", Optional.empty());
        var followed = charter(1, n -> n.remove("op0"), founded, bob, carol);
        charter(2, n -> n.remove("op2"), founded, alice, bob);
        set("fork: a pin", Optional.of(new Pin(1, followed.hash())));
        Statement listed = say(directive(founded, "a", 1, 1), alice, carol);
        say(directive(founded, "b", 1, 1), alice, carol);
        charter(1, n -> n.remove("op2").standing(java.util.Set.of(World.hash(listed))), now(), alice, bob);
        set("since: what a removed operator said stands by a root", Optional.empty());
        say(directive(founded, "a", 1, 1), alice, bob);
        charter(1, NextCharter::close, now(), alice, bob);
        say(directive(founded, "late", 1, 1), alice, bob);
        set("floor: nothing from before it but what is listed", Optional.empty());
        charter(1, n -> n.remove("op2"), founded, alice, bob);
        charter(1, n -> n.add("carol", carol), now(), alice, bob);
        say(directive(founded, "a", 1, 1), alice, carol);
        set("since: back again, what was said before stays void", Optional.empty());
        ranks();
        rotations(0);
        rotations(1);
        rotations(2);
        rotations(17);
        say(member(founded, 1, Stubs.certificate(1, machine)), alice);
        rotation(machine, key("one"));
        rotation(machine, key("two"));
        set("rotations: two of one key lock", Optional.empty());
        List<Key> four = List.of(key("v1"), key("v2"), key("v3"), key("v4"));
        charter(1, n -> n.validators(four).rule(new Rule("directive", 0, false)), founded, alice, bob);
        say(directive(now(), "a", 1, 1), four.get(0), four.get(1), four.get(2));
        say(directive(now(), "b", 1, 1), four.get(0), four.get(1), alice);
        set("validators: three of four", Optional.empty());
    }

    private void ranks() {
        say(member(founded, 9, Stubs.certificate(1, machine)), alice);
        say(member(founded, 1, Member.revoked(1)), bob);
        set("rank: a revocation of its generation", Optional.empty());
        say(member(founded, 9, Member.revoked(1)), alice);
        say(member(founded, 1, Stubs.certificate(2, key("next"))), bob);
        set("rank: the next generation", Optional.empty());
        say(directive(founded, "a", 1, 1), alice, bob);
        say(directive(founded, "a", 1, 2), bob, carol);
        set("rank: the higher hash", Optional.empty());
        say(member(founded, 1, Stubs.certificate(1, machine)), alice);
        for (long expires : new long[] {50, 90, 70}) {
            say(Stubs.renewal(genesis, founded.holding().tip(), machine.peer(), 100 - expires, 1, expires), alice);
        }
        set("rank: the latest renewal", Optional.empty());
    }

    private void rotations(int count) {
        say(member(founded, 1, Stubs.certificate(1, machine)), alice);
        Key at = machine;
        for (int i = 0; i < count; i++) {
            Key next = key("rotated" + i);
            rotation(at, next);
            at = next;
        }
        set("rotations: " + count, Optional.empty());
    }

    private void rotation(Key old, Key next) {
        byte[] bytes = new Rotation(genesis.hash(), machine.peer(), 1, old, next).toBytes();
        items.add(new Item.OfRotation(sign(SigningInput.ROTATION, bytes, old, next)).toBytes());
    }

    /// A charter whose parts can be made wrong one by one.
    private static final class Draft {
        final List<Operator> operators;
        final List<Key> recovery;
        final List<Rule> rules;
        final List<Key> validators = new ArrayList<>();
        final List<Hash> roots = new ArrayList<>();
        Optional<Hash> network;
        Optional<Hash> parent;
        int attempt = 1;
        int threshold;
        int floor;

        Draft(DocumentStore store) {
            Charter tip = store.holding().charter();
            network = Optional.of(store.holding().network());
            parent = Optional.of(store.holding().tip().hash());
            operators = new ArrayList<>(tip.operators());
            recovery = new ArrayList<>(tip.recovery());
            rules = new ArrayList<>(tip.rules());
            threshold = tip.threshold();
        }

        Charter charter() {
            return new Charter(
                    network,
                    1,
                    parent,
                    attempt,
                    NOW,
                    operators,
                    recovery,
                    threshold,
                    rules,
                    validators,
                    validators.isEmpty() ? 0 : 1,
                    roots,
                    floor);
        }
    }
}
