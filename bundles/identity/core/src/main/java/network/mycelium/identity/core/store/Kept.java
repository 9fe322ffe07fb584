package network.mycelium.identity.core.store;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// The documents that are kept, each kind in its book.
final class Kept {
    final Document<Genesis> genesis;
    final CharterBook charters;
    final RootLists lists = new RootLists();
    StatementBook statements;
    MemberBook members;
    Optional<Alarm> unknownFormat = Optional.empty();
    /// The latest end among what was said once and is forgotten, in milliseconds.
    long onceForgotten;
    /// Registers that may hold something else since somebody asked; all of them if everything was worked out anew.
    private final Set<Register> changed = new HashSet<>();

    private boolean allChanged = true;

    Kept(Document<Genesis> genesis) {
        this.genesis = genesis;
        this.charters = new CharterBook(genesis);
        this.statements = new StatementBook(authority(), List.of());
        this.members = new MemberBook(statements, List.of());
    }

    Kept(Kept other) {
        this.genesis = other.genesis;
        this.charters = new CharterBook(other.charters);
        this.lists.putAll(other.lists);
        this.statements = new StatementBook(other.statements.authority(), other.statements.all());
        this.members = new MemberBook(statements, other.members.steps());
        this.unknownFormat = other.unknownFormat;
        this.onceForgotten = other.onceForgotten;
    }

    /// Works out the path, and all that follows from it if it is another one.
    boolean settle() {
        boolean moved = charters.settle();
        Set<Hash> named = new HashSet<>();
        charters.others().forEach(entry -> named.addAll(entry.charter().roots()));
        named.addAll(charters.tip().charter().roots());
        lists.retain(named);
        if (moved) {
            rebuild();
        }
        return moved;
    }

    private Authority authority() {
        return new Authority(
                charters.path().stream().map(entry -> entry.document).toList(), lists.all());
    }

    /// Nothing is judged, and so nothing forgotten, while the pinned charter is missing.
    void rebuild() {
        if (charters.missingPin().isEmpty()) {
            statements = new StatementBook(authority(), statements.all());
            members = new MemberBook(statements, members.steps());
        }
        allChanged = true;
        changed.clear();
    }

    private void changed(Set<Register> registers) {
        if (!allChanged) {
            changed.addAll(registers);
        }
    }

    DocumentStore.Changes takeChanges() {
        var since = new DocumentStore.Changes(allChanged, Set.copyOf(changed));
        allChanged = false;
        changed.clear();
        return since;
    }

    /// Adds signatures of a statement that are verified.
    ///
    /// @return whether something else holds now
    boolean add(Document<Statement> document, Map<Key, byte[]> good) {
        Set<Register> touched = statements.add(document, good);
        changed(touched);
        refreshMembers(touched, document.content().register());
        return !touched.isEmpty();
    }

    private void refreshMembers(Collection<Register> touched, Register offered) {
        Set<Register> all = new HashSet<>(touched);
        all.add(offered);
        for (Register register : all) {
            if (register.kind().equals(Member.KIND) || register.kind().equals(Renewal.KIND)) {
                members.refresh(register.key());
            }
        }
    }

    /// Forgets what was said once and is over.
    void forget(long now) {
        List<Entry> over = statements.all().stream()
                .filter(entry ->
                        statements.authority().rule(entry.register().kind()).once())
                .filter(entry ->
                        entry.statement().expires() != 0 && entry.statement().expires() < now - Limits.CLOCK_TOLERANCE)
                .toList();
        over.forEach(entry ->
                onceForgotten = Math.max(onceForgotten, entry.statement().expires()));
        changed(statements.remove(over));
    }
}
