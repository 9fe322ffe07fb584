package network.mycelium.identity.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
import network.mycelium.identity.core.wire.SigningInput;

/// What holds, worked out from the whole set by the pseudo code and nothing else: slow, and without any bound.
final class Reference {
    private record Doc<T>(T content, Hash hash, Set<Key> signers) {}

    private final Document<Genesis> genesis;
    private final Optional<Pin> pin;
    private final Map<Hash, Doc<Charter>> charters = new TreeMap<>();
    private final Map<Hash, Doc<Statement>> statements = new TreeMap<>();
    private final Map<Hash, Doc<Rotation>> rotations = new TreeMap<>();
    private final Map<Hash, RootList> lists = new HashMap<>();

    Reference(Document<Genesis> genesis, Optional<Pin> pin, List<byte[]> items) {
        this.genesis = genesis;
        this.pin = pin;
        for (byte[] item : items) {
            switch (Item.parse(item)) {
                case Item.OfCharter(Signed s) -> put(charters, Charter.parse(s.document()), s, SigningInput.CHARTER);
                case Item.OfStatement(Signed s) ->
                    put(statements, Statement.parse(s.document()), s, SigningInput.STATEMENT);
                case Item.OfRotation(Signed s) ->
                    put(rotations, Rotation.parse(s.document()), s, SigningInput.ROTATION);
                case Item.OfRoot(RootList list) -> lists.put(list.root(), list);
            }
        }
    }

    private static <T> void put(Map<Hash, Doc<T>> all, T content, Signed signed, SigningInput domain) {
        Hash hash = Hash.sha256(signed.document());
        Set<Key> signers = all.computeIfAbsent(hash, h -> new Doc<>(content, h, new HashSet<>()))
                .signers();
        for (Signature s : signed.signatures()) {
            if (Stubs.CHECK.verify(s.key(), domain.over(hash), s.signature())) {
                signers.add(s.key());
            }
        }
    }

    private static int both(Set<Key> a, Set<Key> b) {
        Set<Key> both = new HashSet<>(a);
        both.retainAll(b);
        return both.size();
    }

    List<Document<Charter>> chain() {
        List<Document<Charter>> path = new ArrayList<>(List.of(genesis.content().charter()));
        Set<Hash> pinned = new HashSet<>();
        Hash up = pin.map(Pin::charter).orElse(null);
        while (up != null && charters.containsKey(up)) {
            pinned.add(up);
            up = charters.get(up).content().parent().orElseThrow();
        }
        while (true) {
            Document<Charter> c = path.getLast();
            List<Doc<Charter>> r = new ArrayList<>();
            for (Doc<Charter> d : charters.values()) {
                boolean follows = d.content().parent().equals(Optional.of(c.hash()))
                        && Amendment.objection(document(d), c, genesis).isEmpty()
                        && both(d.signers(), c.content().keyholders())
                                >= c.content().threshold()
                        && both(d.signers(), d.content().keyholders())
                                >= d.content().threshold();
                boolean allowed =
                        pin.isEmpty() || c.content().version() >= pin.get().version() || pinned.contains(d.hash());
                if (follows && allowed) {
                    r.add(d);
                }
            }
            if (r.isEmpty()) {
                return path;
            }
            path.add(document(r.stream()
                    .max(Comparator.comparingInt((Doc<Charter> d) -> d.content().attempt())
                            .thenComparingInt(d -> both(d.signers(), c.content().keyholders()))
                            .thenComparing(Doc::hash))
                    .orElseThrow()));
        }
    }

    private static Document<Charter> document(Doc<Charter> d) {
        return new Document<>(d.content(), d.content().toBytes(), d.hash());
    }

    /// Everything that holds, as text, so that a difference can be read.
    String holding() {
        List<Document<Charter>> path = chain();
        var out = new StringBuilder();
        path.forEach(c -> out.append("charter ").append(c.hash()).append('\n'));
        if (pin.isPresent()
                && (pin.get().version() >= path.size()
                        || !path.get(pin.get().version())
                                .hash()
                                .equals(pin.get().charter()))) {
            return "waits for a pin\n";
        }
        new Judge(path).write(out);
        return out.toString();
    }

    private final class Judge {
        final List<Document<Charter>> path;
        final Charter c;
        final Map<Register, List<Doc<Statement>>> registers = new TreeMap<>();

        Judge(List<Document<Charter>> path) {
            this.path = path;
            this.c = path.getLast().content();
            for (Doc<Statement> s : statements.values()) {
                registers
                        .computeIfAbsent(s.content().register(), r -> new ArrayList<>())
                        .add(s);
            }
        }

        boolean speaks(Doc<Statement> s) {
            Statement t = s.content();
            return t.network().equals(genesis.hash())
                    && t.charter() < path.size()
                    && path.get(t.charter()).hash().equals(t.charterHash())
                    && t.charter() >= c.floor();
        }

        Set<Key> ops(Doc<Statement> s) {
            Set<Key> all = new HashSet<>();
            for (Operator o : c.operators()) {
                if (speaks(s)
                        && s.signers().contains(o.key())
                        && o.since() <= s.content().charter()) {
                    all.add(o.key());
                }
            }
            return all;
        }

        Set<Key> vals(Doc<Statement> s) {
            Set<Key> all = new HashSet<>();
            for (Key v : c.validators()) {
                if (speaks(s)
                        && s.signers().contains(v)
                        && c.validatorsSince() <= s.content().charter()) {
                    all.add(v);
                }
            }
            return all;
        }

        Set<Hash> roots(Doc<Statement> s) {
            Set<Hash> all = new HashSet<>();
            for (Hash root : c.roots()) {
                if (lists.containsKey(root) && lists.get(root).statements().contains(s.hash())) {
                    all.add(root);
                }
            }
            return all;
        }

        boolean satisfied(Doc<Statement> s) {
            Rule rule = c.rule(s.content().kind());
            if (rule.once() && s.content().expires() == 0) {
                return false;
            }
            int n = c.validators().size();
            return !roots(s).isEmpty()
                    || (rule.quorum() ? vals(s).size() >= n - (n - 1) / 3 : ops(s).size() >= rule.operators());
        }

        int rank(Doc<Statement> a, Doc<Statement> b) {
            List<Comparable<?>> one = rank(a);
            List<Comparable<?>> two = rank(b);
            for (int i = 0; i < one.size(); i++) {
                @SuppressWarnings({"unchecked", "rawtypes"})
                int order = ((Comparable) one.get(i)).compareTo(two.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        List<Comparable<?>> rank(Doc<Statement> s) {
            Statement t = s.content();
            List<Comparable<?>> all = new ArrayList<>();
            t.member().ifPresent(m -> all.addAll(List.of(m.generation(), m.revoked())));
            t.renewal().ifPresent(r -> all.addAll(List.of(r.generation(), r.expires())));
            all.addAll(List.of(t.charter(), t.sequence(), s.hash()));
            return all;
        }

        Optional<Doc<Statement>> holds(Register r) {
            return registers.getOrDefault(r, List.of()).stream()
                    .filter(this::satisfied)
                    .max(this::rank);
        }

        /// Not forgotten: nothing satisfied outranks it with at least its support.
        boolean kept(Doc<Statement> s) {
            return registers.get(s.content().register()).stream()
                    .noneMatch(t -> satisfied(t)
                            && rank(t, s) > 0
                            && ops(t).containsAll(ops(s))
                            && vals(t).containsAll(vals(s))
                            && roots(t).containsAll(roots(s)));
        }

        void write(StringBuilder out) {
            Map<Key, String> whose = new TreeMap<>();
            for (Register r : registers.keySet()) {
                holds(r).ifPresent(
                                s -> out.append(r).append(' ').append(s.hash()).append('\n'));
            }
            for (Register r : registers.keySet()) {
                if (r.kind().equals("member")) {
                    holds(r).ifPresent(s -> writeMember(r.key(), s, out, whose));
                }
            }
            whose.forEach((key, id) ->
                    out.append(key.point()).append(" is ").append(id).append('\n'));
        }

        void writeMember(String id, Doc<Statement> s, StringBuilder out, Map<Key, String> whose) {
            Member m = s.content().member().orElseThrow();
            if (m.revoked()) {
                return;
            }
            List<Key> keys = new ArrayList<>(List.of(m.firstKey().orElseThrow()));
            boolean locked = false;
            for (int i = 0; i < 16 && !locked; i++) {
                List<Key> next = next(id, m.generation(), keys);
                locked = next.size() > 1;
                if (next.size() != 1) {
                    break;
                }
                keys.add(next.getFirst());
            }
            long expires = s.content().expires();
            for (Doc<Statement> r : registers.getOrDefault(Register.renewal(id), List.of())) {
                if (expires != 0
                        && satisfied(r)
                        && kept(r)
                        && r.content().renewal().orElseThrow().generation() == m.generation()) {
                    expires = Math.max(expires, r.content().renewal().get().expires());
                }
            }
            String key = locked ? "none" : keys.getLast().point().toString();
            out.append("%s key %s expires %d%n".formatted(id, key, expires));
            if (!locked) {
                boolean operator = c.operator(keys.getLast()).isPresent();
                whose.merge(keys.getLast(), operator ? "an operator" : id, (a, b) -> a.compareTo(b) < 0 ? a : b);
            }
        }

        List<Key> next(String id, int generation, List<Key> keys) {
            List<Key> all = new ArrayList<>();
            for (Doc<Rotation> r : rotations.values()) {
                Rotation t = r.content();
                if (t.network().equals(genesis.hash())
                        && t.member().equals(id)
                        && t.generation() == generation
                        && t.old().equals(keys.getLast())
                        && !keys.contains(t.next())
                        && r.signers().contains(t.old())
                        && r.signers().contains(t.next())) {
                    all.add(t.next());
                }
            }
            return all;
        }
    }
}
