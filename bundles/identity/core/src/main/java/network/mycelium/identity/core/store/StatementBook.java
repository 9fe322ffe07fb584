package network.mycelium.identity.core.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// The statements that are kept, by register. After each change only the registers that it touches are worked out anew.
final class StatementBook {
    /// What is kept of one register.
    private static final class Shelf {
        final Hash hash;
        final List<Entry> entries = new ArrayList<>(1);
        Set<Quotas.Owner> owners = Set.of();
        Entry holder;

        Shelf(Register register) {
            hash = register.hash();
        }

        boolean isInRoot() {
            return entries.stream().anyMatch(entry -> !entry.roots.isEmpty());
        }
    }

    private final Map<Hash, Entry> entries = new HashMap<>();
    private final Map<Register, Shelf> shelves = new TreeMap<>();
    private final Quotas quotas = new Quotas();
    private final Proposals proposals;
    private final Authority authority;
    private Set<Register> changed = new HashSet<>();

    /// @param before what was kept under another path
    StatementBook(Authority authority, Collection<Entry> before) {
        this.authority = authority;
        this.proposals = new Proposals(this::holder);
        for (Entry entry : before) {
            Entry copy = entry.copy();
            entries.put(copy.document.hash(), copy);
            shelf(copy.register()).entries.add(copy);
            authority.support(copy);
        }
        // What counts of each quota first, then what holds; so that the order does not matter.
        shelves.forEach(this::assign);
        work(List.copyOf(shelves.keySet()));
    }

    Authority authority() {
        return authority;
    }

    Optional<Entry> find(Hash hash) {
        return Optional.ofNullable(entries.get(hash));
    }

    Collection<Entry> all() {
        return entries.values();
    }

    private Shelf shelf(Register register) {
        return shelves.computeIfAbsent(register, Shelf::new);
    }

    Optional<Entry> holder(Register register) {
        Shelf shelf = shelves.get(register);
        return shelf == null ? Optional.empty() : Optional.ofNullable(shelf.holder);
    }

    List<Entry> of(Register register) {
        Shelf shelf = shelves.get(register);
        return shelf == null ? List.of() : shelf.entries;
    }

    /// What holds, in the order of the registers.
    List<Entry> holders() {
        return shelves.values().stream()
                .map(s -> s.holder)
                .filter(java.util.Objects::nonNull)
                .toList();
    }

    boolean hasPlace(Key operator, Register register) {
        Quotas.Owner owner = Quotas.of(operator, register.kind());
        Shelf shelf = shelves.get(register);
        return !authority.isOnePersons(register.kind())
                || shelf != null && (shelf.isInRoot() || quotas.counts(owner, shelf.hash))
                || quotas.used(owner) < Quotas.limit(owner);
    }

    List<Alarm> alarms() {
        return quotas.alarms();
    }

    List<Entry> proposals() {
        return entries.values().stream()
                .filter(entry -> !entry.satisfied && entry.isSupported())
                .sorted(Comparator.comparing(Entry::register).thenComparing(Entry.RANK))
                .toList();
    }

    /// Whether a statement that these keys signed would be forgotten at once, for one that all of them support outranks
    /// it.
    boolean isOutranked(Document<Statement> document, Set<Key> counting) {
        Entry probe = new Entry(document);
        counting.forEach(key -> probe.signatures.put(key, new byte[0]));
        find(document.hash()).ifPresent(known -> probe.signatures.putAll(known.signatures));
        authority.support(probe);
        return of(probe.register()).stream().anyMatch(t -> outranks(t, probe));
    }

    /// Wherever s would hold on this path, t does: signatures cease to count by their signers, and those of t are at
    /// least those of s. So s may be forgotten, whether it has enough of them yet or not.
    private static boolean outranks(Entry t, Entry s) {
        return t.satisfied && Entry.RANK.compare(t, s) > 0 && t.covers(s);
    }

    /// Adds signatures that are verified to a statement.
    ///
    /// @return the registers of which something else holds now
    Set<Register> add(Document<Statement> document, Map<Key, byte[]> signatures) {
        Entry entry = entries.get(document.hash());
        if (entry == null) {
            entry = new Entry(document);
            entries.put(document.hash(), entry);
            shelf(entry.register()).entries.add(entry);
        }
        signatures.forEach(entry.signatures::putIfAbsent);
        authority.support(entry);
        return work(List.of(entry.register()));
    }

    /// Forgets some, whatever they are.
    Set<Register> remove(Collection<Entry> some) {
        some.forEach(this::drop);
        return work(some.stream().map(Entry::register).distinct().toList());
    }

    private void drop(Entry entry) {
        entries.remove(entry.document.hash());
        proposals.remove(entry);
        Shelf shelf = shelves.get(entry.register());
        if (shelf != null) {
            shelf.entries.remove(entry);
        }
    }

    /// The registers that changed since the last call, of those that hold members together.
    private Set<Register> work(Collection<Register> registers) {
        changed = new HashSet<>();
        Deque<Register> queue = new ArrayDeque<>(registers);
        while (!queue.isEmpty()) {
            Register register = queue.poll();
            Shelf shelf = shelves.get(register);
            if (shelf == null) {
                continue;
            }
            queue.addAll(assign(register, shelf));
            refresh(register, shelf);
            queue.addAll(trim(shelf));
            if (shelf.entries.isEmpty()) {
                queue.addAll(assign(register, shelf));
                shelves.remove(register);
            }
        }
        return changed;
    }

    /// Proposals that found no place. Their registers are looked at again, for they may be empty now.
    private List<Register> trim(Shelf shelf) {
        List<Register> touched = new ArrayList<>();
        for (Entry entry : List.copyOf(shelf.entries)) {
            if (!entry.satisfied && entry.isSupported()) {
                for (Entry displaced : proposals.add(entry)) {
                    drop(displaced);
                    touched.add(displaced.register());
                }
            } else {
                proposals.remove(entry);
            }
        }
        return touched;
    }

    /// Counts a register to those whose quota it uses.
    private Collection<Register> assign(Register register, Shelf shelf) {
        Set<Quotas.Owner> owners = new HashSet<>();
        if (!shelf.isInRoot()) {
            for (Entry entry : shelf.entries) {
                if (authority.isOnePersons(register.kind())) {
                    entry.operators.forEach(key -> owners.add(Quotas.of(key, register.kind())));
                } else if (enough(entry)) {
                    owners.add(new Quotas.Owner.Shared());
                }
            }
        }
        Collection<Register> touched = quotas.assign(register, shelf.hash, shelf.owners, owners);
        shelf.owners = Set.copyOf(owners);
        return touched;
    }

    /// Enough signatures, whatever the quotas say.
    private boolean enough(Entry entry) {
        return !entry.roots.isEmpty()
                || authority.counting(entry)
                        >= authority.needed(entry.register().kind());
    }

    private boolean isSatisfied(Entry entry, Shelf shelf) {
        String kind = entry.register().kind();
        if (authority.rule(kind).once() && entry.statement().expires() == 0) {
            return false;
        }
        if (!entry.roots.isEmpty()) {
            return true;
        }
        if (!enough(entry)) {
            return false;
        }
        if (shelf.isInRoot()) {
            return true;
        }
        return authority.isOnePersons(kind)
                ? entry.operators.stream().anyMatch(key -> quotas.counts(Quotas.of(key, kind), shelf.hash))
                : quotas.counts(new Quotas.Owner.Shared(), shelf.hash);
    }

    private void refresh(Register register, Shelf shelf) {
        Entry before = shelf.holder;
        for (Entry entry : shelf.entries) {
            entry.satisfied = isSatisfied(entry, shelf);
        }
        shelf.entries.sort(Entry.RANK.reversed());
        List<Entry> gone = new ArrayList<>();
        Map<Object, Integer> places = new HashMap<>();
        for (Entry entry : shelf.entries) {
            if (!entry.isSupported()) {
                // A list that is to come may name it.
                if (authority.missingLists().isEmpty()) {
                    gone.add(entry);
                }
            } else if (shelf.entries.stream().anyMatch(t -> outranks(t, entry))
                    || entry.satisfied && !hasPlace(entry, places)) {
                gone.add(entry);
            }
        }
        gone.forEach(this::drop);
        if (authority.missingLists().isEmpty()) {
            shelf.entries.forEach(Entry::keepSupport);
        }
        shelf.holder =
                shelf.entries.stream().filter(e -> e.satisfied).findFirst().orElse(null);
        boolean same = before == null ? shelf.holder == null : shelf.holder != null && before == shelf.holder;
        if (!same || register.kind().equals(Renewal.KIND)) {
            changed.add(register);
        }
    }

    /// Of each who supports any of the register eight are kept: a statement that is among the eight of one stays.
    private static boolean hasPlace(Entry entry, Map<Object, Integer> places) {
        boolean any = false;
        for (Object supporter : entry.support()) {
            any |= places.merge(supporter, 1, Integer::sum) <= Limits.OF_REGISTER;
        }
        return any;
    }
}
