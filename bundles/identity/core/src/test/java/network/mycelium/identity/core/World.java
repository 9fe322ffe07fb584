package network.mycelium.identity.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.signer.NextCharter;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// A network of three operators, of whom two amend and direct, and one store of it.
public final class World {
    public static final long NOW = 1_000_000;
    public static final Key ALICE = Stubs.key("alice");
    public static final Key BOB = Stubs.key("bob");
    public static final Key CAROL = Stubs.key("carol");
    public static final Key THIEF = Stubs.key("thief");
    public static final Key MACHINE = Stubs.key("machine");
    public static final String ID = MACHINE.peer();

    public final Document<Genesis> genesis;
    public final DocumentStore store;
    /// All that was said, in order.
    public final List<byte[]> said = new ArrayList<>();

    public World() {
        this(Stubs.genesis(2, 2, List.of(ALICE, BOB, CAROL), List.of()));
    }

    public World(Document<Genesis> genesis) {
        this.genesis = genesis;
        this.store = new DocumentStore(genesis, Stubs.CHECK);
    }

    public Document<Charter> tip() {
        return store.holding().tip();
    }

    public Outcome offer(byte[] item) {
        said.add(item);
        return store.offer(item, Sender.member("peer" + said.size() / 50), NOW);
    }

    /// Another node that hears all this in the opposite order, until nothing is new.
    public DocumentStore other() {
        var other = new DocumentStore(genesis, Stubs.CHECK);
        var times = new java.util.concurrent.atomic.AtomicInteger();
        for (int pass = 0; pass < 6; pass++) {
            said.reversed()
                    .forEach(item ->
                            other.offer(item, new Sender("own", true, false), NOW + 1_000L * times.incrementAndGet()));
        }
        return other;
    }

    /// Amends what holds, signed by these.
    public Document<Charter> amend(UnaryOperator<NextCharter> change, Key... signers) {
        NextCharter next = change.apply(NextCharter.after(store, 1, NOW));
        offer(Stubs.charter(next.charter().content(), signers));
        next.lists().forEach(list -> offer(new Item.OfRoot(list).toBytes()));
        return next.charter();
    }

    public Statement directive(String what, long sequence, int body) {
        return Stubs.statement(genesis, tip(), new Register("directive", what), sequence, 0, new byte[] {(byte) body});
    }

    public Outcome say(Statement statement, Key... signers) {
        return offer(Stubs.statement(statement, signers));
    }

    public Statement member(Document<Charter> under, long sequence, Member member) {
        return Stubs.member(genesis, under, ID, sequence, member);
    }

    public boolean holds(Statement statement) {
        return holds(store, statement);
    }

    public static boolean holds(DocumentStore store, Statement statement) {
        return store.holding()
                .holds(statement.register())
                .filter(held -> held.document().hash().equals(hash(statement)))
                .isPresent();
    }

    public static Hash hash(Statement statement) {
        return Hash.sha256(statement.toBytes());
    }

    public static UnaryOperator<NextCharter> same() {
        return UnaryOperator.identity();
    }
}
