package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// The charters that are kept, and which of them hold.
final class CharterBook {
    /// A charter with the signatures of its keyholders and its parent's.
    static final class Entry {
        final Document<Charter> document;
        final Set<Key> keyholders;
        final Map<Key, byte[]> signatures = new TreeMap<>();

        Entry(Document<Charter> document) {
            this.document = document;
            this.keyholders = document.content().keyholders();
        }

        Charter charter() {
            return document.content();
        }

        Hash hash() {
            return document.hash();
        }

        int signedBy(Set<Key> keys) {
            int count = 0;
            for (Key key : signatures.keySet()) {
                if (keys.contains(key)) {
                    count++;
                }
            }
            return count;
        }

        Signed signed() {
            List<Signature> all = new ArrayList<>();
            signatures.forEach((key, signature) -> all.add(new Signature(key, signature)));
            return new Signed(document.bytes(), all);
        }
    }

    private final Map<Hash, Entry> entries = new HashMap<>();
    private final Map<Hash, List<Entry>> children = new HashMap<>();
    private final Entry first;
    private List<Entry> path;
    private Optional<Pin> pin = Optional.empty();

    CharterBook(Document<Genesis> genesis) {
        first = new Entry(genesis.content().charter());
        entries.put(first.hash(), first);
        path = List.of(first);
    }

    CharterBook(CharterBook other) {
        first = other.first;
        path = other.path;
        pin = other.pin;
        other.entries.forEach((hash, entry) -> {
            Entry copy = entry == first ? first : new Entry(entry.document);
            copy.signatures.putAll(entry.signatures);
            entries.put(hash, copy);
        });
        entries.values().stream().filter(e -> e != first).forEach(this::link);
        settle();
    }

    private void link(Entry entry) {
        children.computeIfAbsent(entry.charter().parent().orElseThrow(), p -> new ArrayList<>())
                .add(entry);
    }

    Optional<Entry> find(Hash hash) {
        return Optional.ofNullable(entries.get(hash));
    }

    List<Entry> path() {
        return path;
    }

    Entry tip() {
        return path.getLast();
    }

    boolean isOnPath(int version, Hash hash) {
        return version < path.size() && path.get(version).hash().equals(hash);
    }

    void pin(Pin higher) {
        if (pin.isEmpty() || higher.version() >= pin.get().version()) {
            pin = Optional.of(higher);
        }
    }

    Optional<Pin> pin() {
        return pin;
    }

    Optional<Pin> missingPin() {
        return pin.filter(p -> !isOnPath(p.version(), p.charter()));
    }

    Entry parent(Entry entry) {
        return entries.get(entry.charter().parent().orElseThrow());
    }

    /// Whether it has enough signatures of its own keyholders and of its parent's.
    boolean isComplete(Entry entry) {
        if (entry == first) {
            return true;
        }
        Entry parent = parent(entry);
        return parent != null
                && entry.signedBy(parent.keyholders) >= parent.charter().threshold()
                && entry.signedBy(entry.keyholders) >= entry.charter().threshold();
    }

    /// Adds signatures that are verified, of keyholders of the charter or of its parent.
    ///
    /// @return the entry, which [#settle] may drop again
    Entry add(Document<Charter> document, Map<Key, byte[]> signatures) {
        Entry entry = entries.get(document.hash());
        if (entry == null) {
            entry = new Entry(document);
            entries.put(document.hash(), entry);
            link(entry);
        }
        entry.signatures.putAll(signatures);
        return entry;
    }

    /// Works out what holds, and forgets what lost for good.
    ///
    /// @return whether the path is another than before
    boolean settle() {
        List<Hash> before = path.stream().map(Entry::hash).toList();
        Set<Hash> pinned = pinnedPath();
        List<Entry> now = new ArrayList<>(List.of(first));
        for (Optional<Entry> next; (next = successor(now.getLast(), pinned)).isPresent(); ) {
            now.add(next.get());
        }
        path = List.copyOf(now);
        prune();
        return !before.equals(path.stream().map(Entry::hash).toList());
    }

    /// The pinned charter and its ancestors, as far as they are known.
    private Set<Hash> pinnedPath() {
        Set<Hash> all = new HashSet<>();
        Entry at = pin.map(p -> entries.get(p.charter())).orElse(null);
        while (at != null && all.add(at.hash()) && at != first) {
            at = parent(at);
        }
        return all;
    }

    private Optional<Entry> successor(Entry parent, Set<Hash> pinned) {
        boolean fixed =
                pin.isPresent() && parent.charter().version() < pin.get().version();
        return complete(parent).stream()
                .filter(entry -> !fixed || pinned.contains(entry.hash()))
                .max(order(parent));
    }

    private List<Entry> complete(Entry parent) {
        return children.getOrDefault(parent.hash(), List.of()).stream()
                .filter(this::isComplete)
                .toList();
    }

    /// Which of several that follow the same charter holds: the last in this order.
    private static Comparator<Entry> order(Entry parent) {
        return Comparator.comparingInt((Entry e) -> e.charter().attempt())
                .thenComparingInt(e -> e.signedBy(parent.keyholders))
                .thenComparing(Entry::hash);
    }

    /// Charters with enough signatures beside one that holds.
    /// Those above the pin: what is below it is decided.
    List<Alarm> forks() {
        List<Alarm> forks = new ArrayList<>();
        for (int version = pin.map(Pin::version).orElse(0); version + 1 < path.size(); version++) {
            if (children.getOrDefault(path.get(version).hash(), List.of()).size() < 2) {
                continue;
            }
            List<Entry> all = complete(path.get(version));
            if (all.size() > 1) {
                forks.add(fork(path.get(version), path.get(version + 1), all));
            }
        }
        return forks;
    }

    private static Alarm fork(Entry parent, Entry holds, List<Entry> all) {
        Set<Key> both = new HashSet<>();
        for (Key key : parent.keyholders) {
            if (all.stream().filter(e -> e.signatures.containsKey(key)).count() > 1) {
                both.add(key);
            }
        }
        List<Hash> rivals =
                all.stream().filter(e -> e != holds).map(Entry::hash).sorted().toList();
        return new Alarm.Fork(holds.charter().version(), holds.hash(), rivals, both);
    }

    /// Charters on the tip that have not enough signatures.
    List<Entry> proposals() {
        return incomplete(tip()).stream()
                .sorted(Comparator.comparing(Entry::hash))
                .toList();
    }

    /// All beside the path, each after its parent.
    List<Entry> others() {
        Set<Entry> onPath = new HashSet<>(path);
        return entries.values().stream()
                .filter(entry -> !onPath.contains(entry))
                .sorted(Comparator.comparingInt((Entry e) -> e.charter().version())
                        .thenComparing(Entry::hash))
                .toList();
    }

    Collection<Entry> all() {
        return entries.values();
    }

    /// Of the rivals of what holds, complete or not, and of all that follows them, 16 are kept: those of the highest
    /// versions first, of one version the best first. To keep the best of a version alone would not do: half of the
    /// signatures of a lesser one would be kept where the whole is dropped.
    private void prune() {
        if (entries.size() == path.size()) {
            return;
        }
        Set<Entry> keep = new HashSet<>(path);
        // The pinned charter waits for its signatures.
        pinnedPath().forEach(hash -> keep.add(entries.get(hash)));
        keep.addAll(ofEachSigner(tip(), proposals()));
        List<Entry> lost = new ArrayList<>();
        for (int version = path.size() - 2; version >= 0 && lost.size() < Limits.RIVALS; version--) {
            Entry parent = path.get(version);
            Entry holds = path.get(version + 1);
            complete(parent).stream()
                    .filter(e -> e != holds)
                    .sorted(order(parent).reversed())
                    .forEach(rival -> follow(rival, lost));
            lost.addAll(ofEachSigner(parent, incomplete(parent)));
        }
        // A path that a pin cut short: what follows its end without being let.
        complete(tip()).stream().sorted(order(tip()).reversed()).forEach(rival -> follow(rival, lost));
        keep.addAll(lost.subList(0, Math.min(lost.size(), Limits.RIVALS)));
        if (keep.size() < entries.size()) {
            entries.values().retainAll(keep);
            children.clear();
            entries.values().stream().filter(e -> e != first).forEach(this::link);
        }
    }

    /// The charter and those that follow it, each after its parent.
    private void follow(Entry from, List<Entry> into) {
        List<Entry> queue = new ArrayList<>(List.of(from));
        for (int i = 0; i < queue.size() && into.size() < Limits.RIVALS; i++) {
            Entry at = queue.get(i);
            into.add(at);
            complete(at).stream().sorted(order(at).reversed()).forEach(queue::add);
            into.addAll(ofEachSigner(at, incomplete(at)));
        }
    }

    private List<Entry> incomplete(Entry parent) {
        return children.getOrDefault(parent.hash(), List.of()).stream()
                .filter(entry -> !isComplete(entry))
                .toList();
    }

    /// Two of each keyholder of the parent that signed, those of the highest attempt first.
    private static Set<Entry> ofEachSigner(Entry parent, List<Entry> proposals) {
        List<Entry> ordered = proposals.stream()
                .sorted(Comparator.comparingInt((Entry e) -> e.charter().attempt())
                        .thenComparing(Entry::hash)
                        .reversed())
                .toList();
        Map<Key, Integer> places = new HashMap<>();
        Set<Entry> kept = new HashSet<>();
        for (Entry entry : ordered) {
            for (Key key : entry.signatures.keySet()) {
                if (parent.keyholders.contains(key) && places.merge(key, 1, Integer::sum) <= Limits.CHARTER_PROPOSALS) {
                    kept.add(entry);
                }
            }
        }
        return kept;
    }
}
