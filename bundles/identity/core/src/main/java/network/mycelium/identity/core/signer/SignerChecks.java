package network.mycelium.identity.core.signer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Amendment;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.store.Alarm;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// What a signer's own node refuses to sign, by its store and what it remembers. Each answer says why; none means that
/// it may sign.
public final class SignerChecks {
    /// How far an attempt may be above the highest that this key signed for the parent: or one proposal would use up
    /// all
    /// attempts that there are.
    public static final int MAX_ATTEMPTS_AHEAD = 16;

    private final DocumentStore store;
    private final SignerMemory memory;
    private final Key self;

    public SignerChecks(DocumentStore store, SignerMemory memory, Key self) {
        this.store = store;
        this.memory = memory;
        this.self = self;
    }

    /// @param lists of roots that are not in the store yet
    /// @param clock this node's, in milliseconds
    public List<String> charter(Document<Charter> next, Collection<RootList> lists, long clock) {
        List<String> why = new ArrayList<>();
        Charter charter = next.content();
        Optional<Document<Charter>> parent = store.holding().path().stream()
                .filter(document -> charter.parent().equals(Optional.of(document.hash())))
                .findFirst();
        if (parent.isEmpty()) {
            return List.of("the charter that it follows does not hold here");
        }
        Amendment.objection(next, parent.get(), store.genesis()).ifPresent(why::add);
        int signed = memory.highest(parent.get().hash());
        boolean again = memory.charters(parent.get().hash()).contains(next.hash());
        if (!again && charter.attempt() <= signed) {
            why.add("this key signed attempt %d for the same charter before: make one above it".formatted(signed));
        }
        if (charter.attempt() > signed + MAX_ATTEMPTS_AHEAD) {
            why.add("its attempt is more than %d above the last one".formatted(MAX_ATTEMPTS_AHEAD));
        }
        boolean near = Math.abs(charter.made() - clock) <= Limits.CLOCK_TOLERANCE;
        long before = parent.get().content().made();
        boolean aheadAsParent = before > clock && charter.made() == before;
        if (!near && !aheadAsParent) {
            why.add("it says to be made two hours off this node's clock");
        }
        why.addAll(leaves(charter, lists));
        return why;
    }

    /// Whoever signs a list vouches for each statement in it.
    private List<String> leaves(Charter charter, Collection<RootList> lists) {
        List<String> why = new ArrayList<>();
        for (Hash root : charter.roots()) {
            Optional<RootList> list = lists.stream()
                    .filter(l -> l.root().equals(root))
                    .findFirst()
                    .or(() -> store.list(root));
            if (list.isEmpty()) {
                why.add("the list of its root %.8s is not known here".formatted(root));
            } else {
                long lacking = list.get().statements().stream()
                        .filter(statement -> !store.hasStatement(statement))
                        .count();
                if (lacking > 0) {
                    why.add("%d statements of its root %.8s are not known here".formatted(lacking, root));
                }
            }
        }
        return why;
    }

    /// Other charters after the same one that this key signed: they may hold where this node cannot see, and the next
    /// one undoes them there.
    public Set<Hash> undoes(Document<Charter> next) {
        Set<Hash> others = new HashSet<>(memory.charters(next.content().parent().orElseThrow()));
        others.remove(next.hash());
        return others;
    }

    /// The sequence of the next statement about a register: one above what holds, or 1 where that is of an earlier
    /// charter or, for a member, generation. Proposals are not looked at.
    ///
    /// @param generation of a member or renewal, else 0
    public long sequence(Register register, int generation) {
        Holding holding = store.holding();
        return holding.holds(register)
                .map(Held::statement)
                .filter(held -> held.charter() == holding.charter().version() && generation(held) == generation)
                .map(held -> held.sequence() + 1)
                .orElse(1L);
    }

    private static int generation(Statement statement) {
        return statement
                .member()
                .map(Member::generation)
                .or(() -> statement.renewal().map(Renewal::generation))
                .orElse(0);
    }

    /// @param said the statement that this key would sign
    public List<String> statement(Document<Statement> said) {
        List<String> why = new ArrayList<>();
        Statement statement = said.content();
        Document<Charter> tip = store.holding().tip();
        boolean known = store.hasStatement(said.hash());
        if (!known && !statement.charterHash().equals(tip.hash())) {
            why.add("it is made under another charter than the one that holds");
        }
        long sequence = sequence(statement.register(), generation(statement));
        boolean holds = store.holding()
                .holds(statement.register())
                .filter(held -> held.document().hash().equals(said.hash()))
                .isPresent();
        if (!holds && statement.sequence() != sequence) {
            why.add("its sequence is %d, and the next one is %d".formatted(statement.sequence(), sequence));
        }
        if (!store.hasPlace(self, statement.register())) {
            why.add("this key has used up its places for statements of this kind: list what stands by a charter");
        }
        statement
                .member()
                .ifPresent(member -> why.addAll(certificate(statement.register().key(), member)));
        if (statement.renewal().isPresent() && quarrel(statement.register().key())) {
            why.add("nothing is renewed by itself while there is a fork, or two keys for one member");
        }
        return why;
    }

    private boolean quarrel(String member) {
        return store.holding().alarms().stream()
                .anyMatch(alarm -> alarm instanceof Alarm.Fork
                        || alarm instanceof Alarm.Locked(String locked, Key key) && locked.equals(member));
    }

    /// A key that ended stays at its end, and a member that comes back does so under a new generation.
    private List<String> certificate(String id, Member member) {
        List<String> why = new ArrayList<>();
        boolean same = store.holding()
                .member(id)
                .filter(m -> m.member().generation() == member.generation()
                        && m.member().firstKey().equals(member.firstKey()))
                .isPresent();
        if (member.firstKey().filter(memory.ended()::contains).isPresent() && !same) {
            why.add("its key was replaced or revoked before: show a new one");
        }
        if (!member.revoked() && !same && store.usedGeneration(id) >= member.generation()) {
            why.add("generation %d of this member was used before".formatted(member.generation()));
        }
        return why;
    }
}
