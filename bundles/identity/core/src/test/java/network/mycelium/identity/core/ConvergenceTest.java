package network.mycelium.identity.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.MemberState;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
    private static final long NOW = 10_000;
    private static final int ORDERS = 5;

    @Test
    void any_order_of_any_set_gives_what_the_pseudo_code_gives() {
        long seed = Long.getLong("seed", new Random().nextLong());
        int sets = Integer.getInteger("sets", 1_000);
        System.out.println("-Dseed=" + seed + " -Dsets=" + sets);
        Random seeds = new Random(seed);
        for (int i = 0; i < sets; i++) {
            long one = seeds.nextLong();
            check(one);
        }
    }

    @Test
    void all_orders_of_five_documents_give_one_digest() {
        for (int set = 0; set < 20; set++) {
            var random = new RandomSets(set, 5);
            List<byte[]> five = random.items.subList(0, 5);
            String expected = new Reference(random.genesis, random.pin, five).holding();
            for (List<byte[]> order : permutations(five)) {
                assertThat(describe(deliver(random.genesis, random.pin, order).holding()))
                        .as("set %d", set)
                        .isEqualTo(expected);
            }
        }
    }

    private static <T> List<List<T>> permutations(List<T> all) {
        if (all.isEmpty()) {
            return List.of(List.of());
        }
        List<List<T>> orders = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            List<T> rest = new ArrayList<>(all);
            T first = rest.remove(i);
            for (List<T> order : permutations(rest)) {
                List<T> whole = new ArrayList<>(List.of(first));
                whole.addAll(order);
                orders.add(whole);
            }
        }
        return orders;
    }

    @Test
    void many_orders_of_forty_documents_give_one_digest() {
        int orders = Integer.getInteger("orders", 20);
        for (int set = 0; set < 20; set++) {
            var forty = new RandomSets(1_000L + set, 40);
            String expected = new Reference(forty.genesis, forty.pin, forty.items).holding();
            for (int order = 0; order < orders; order++) {
                DocumentStore store = deliver(forty.genesis, forty.pin, forty.shuffled(new Random(order)));
                assertThat(describe(store.holding()))
                        .as("set %d, order %d", set, order)
                        .isEqualTo(expected);
            }
        }
    }

    private static void check(long seed) {
        var set = new RandomSets(seed);
        String expected = new Reference(set.genesis, set.pin, set.items).holding();
        DocumentStore first = null;
        for (int order = 0; order < ORDERS; order++) {
            DocumentStore store = deliver(set.genesis, set.pin, set.shuffled(new Random(seed + order)));
            assertThat(describe(store.holding()))
                    .as("set of seed %d, order %d, %s", seed, order, set.pin)
                    .isEqualTo(expected);
            if (first == null) {
                first = store;
            } else if (!set.split) {
                assertThat(kept(store))
                        .as("what is kept, seed %d, order %d, %s", seed, order, set.pin)
                        .isEqualTo(kept(first));
                assertThat(store.digests()).isEqualTo(first.digests());
            }
        }
        nothing_is_lost_on_the_disk(set, first);
    }

    private static void nothing_is_lost_on_the_disk(RandomSets set, DocumentStore store) {
        var again = new DocumentStore(set.genesis, Stubs.CHECK);
        set.pin.ifPresent(again::pin);
        store.everything().forEach(item -> again.offer(item, Sender.DISK, NOW));
        assertThat(describe(again.holding())).isEqualTo(describe(store.holding()));
        // While a pinned charter lacks signatures nothing is judged, and rivals may wait in another order.
        if (store.holding().missingPin().isEmpty()) {
            assertThat(again.digests()).isEqualTo(store.digests());
        }
    }

    /// Until nothing is new: somebody has each of them, and offers it whenever two nodes compare.
    private static DocumentStore deliver(Document<Genesis> genesis, Optional<Pin> pin, List<byte[]> items) {
        var store = new DocumentStore(genesis, Stubs.CHECK);
        pin.ifPresent(store::pin);
        boolean news = true;
        for (int pass = 0; news; pass++) {
            assertThat(pass).as("passes until nothing is new").isLessThan(20);
            news = false;
            for (byte[] item : items) {
                news |= store.offer(item, Sender.member("peer"), NOW + pass * 1_000_000L) instanceof Outcome.Kept;
            }
        }
        return store;
    }

    private static String describe(Holding holding) {
        var out = new StringBuilder();
        holding.path().forEach(c -> out.append("charter ").append(c.hash()).append('\n'));
        if (holding.missingPin().isPresent()) {
            return "waits for a pin\n";
        }
        holding.all()
                .forEach(held -> out.append(held.statement().register())
                        .append(' ')
                        .append(held.document().hash())
                        .append('\n'));
        for (MemberState m : holding.members()) {
            String key = m.key().map(k -> k.point().toString()).orElse("none");
            out.append("%s key %s expires %d%n".formatted(m.id(), key, m.expires()));
        }
        whose(holding)
                .forEach((key, id) ->
                        out.append(key.point()).append(" is ").append(id).append('\n'));
        return out.toString();
    }

    private static String kept(DocumentStore store) {
        var out = new StringBuilder();
        for (byte[] bytes : store.everything()) {
            switch (Item.parse(bytes)) {
                case Item.OfCharter(Signed s) -> {
                    Charter c = Charter.parse(s.document());
                    out.append("charter %d after %.6s attempt %d"
                                    .formatted(c.version(), c.parent().orElseThrow(), c.attempt()))
                            .append(describe(s));
                }
                case Item.OfStatement(Signed s) ->
                    out.append(Statement.parse(s.document()).register()).append(describe(s));
                case Item.OfRotation(Signed s) -> out.append("rotation ").append(describe(s));
                case Item.OfRoot(RootList list) -> out.append("list ").append(list.root());
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String describe(Signed signed) {
        List<String> signers = signed.signatures().stream()
                .map(s -> s.key().point().toString().substring(0, 6))
                .toList();
        return " " + Hash.sha256(signed.document()) + " " + signers;
    }

    private static Map<Key, String> whose(Holding holding) {
        Map<Key, String> all = new TreeMap<>();
        for (MemberState m : holding.members()) {
            m.key()
                    .ifPresent(key -> all.put(
                            key,
                            switch (holding.whose(key).orElseThrow()) {
                                case Holding.Who.IsOperator(var operator) -> "an operator";
                                case Holding.Who.IsMember(MemberState member) -> member.id();
                            }));
        }
        return all;
    }
}
