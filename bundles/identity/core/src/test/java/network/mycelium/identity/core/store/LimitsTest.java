package network.mycelium.identity.core.store;

import static network.mycelium.identity.core.World.ALICE;
import static network.mycelium.identity.core.World.BOB;
import static network.mycelium.identity.core.World.CAROL;
import static network.mycelium.identity.core.World.NOW;
import static network.mycelium.identity.core.World.hash;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import network.mycelium.identity.core.Stubs;
import network.mycelium.identity.core.World;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.signer.NextCharter;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private final Document<Genesis> genesis = Stubs.genesis(1, 1, List.of(ALICE), List.of());
    private final DocumentStore store = new DocumentStore(genesis, Stubs.CHECK);

    private Statement label(int i) {
        return Stubs.statement(
                genesis, genesis.content().charter(), new Register("label", "k" + i), 1, 0, new byte[] {1});
    }

    private List<Statement> labels(int count) {
        List<Statement> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(label(i));
        }
        return all;
    }

    private static void trust(DocumentStore store, Statement statement, Key... signers) {
        store.offer(Stubs.statement(statement, signers), Sender.DISK, NOW);
    }

    @Test
    void over_the_quota_those_with_the_lowest_register_hashes_count_in_any_order() {
        List<Statement> all = labels(Limits.OTHERS + 40);
        Set<Register> lowest = Set.copyOf(all.stream()
                .map(Statement::register)
                .sorted(Comparator.comparing(Register::hash))
                .limit(Limits.OTHERS)
                .toList());
        long seed = Long.getLong("seed", 7);
        for (int order = 0; order < 5; order++) {
            Collections.shuffle(all, new Random(seed + order));
            var one = new DocumentStore(genesis, Stubs.CHECK);
            all.forEach(statement -> trust(one, statement, ALICE));
            assertThat(one.holding().all().stream().map(held -> held.statement().register()))
                    .as("seed %d order %d", seed, order)
                    .containsExactlyInAnyOrderElementsOf(lowest);
        }
    }

    @Test
    void a_root_frees_places() {
        labels(Limits.OTHERS).forEach(statement -> trust(store, statement, ALICE));
        assertThat(store.hasPlace(ALICE, new Register("label", "one more"))).isFalse();
        assertThat(store.holding().alarms())
                .contains(new Alarm.Quota(ALICE, "all others", Limits.OTHERS, Limits.OTHERS));
        Set<Hash> listed = Set.of(hash(label(0)), hash(label(1)));
        NextCharter next = NextCharter.after(store, 1, NOW).standing(listed);
        store.offer(Stubs.charter(next.charter().content(), ALICE), Sender.DISK, NOW);
        assertThat(store.holding().missingLists()).isNotEmpty();
        assertThat(store.holding().all()).hasSize(Limits.OTHERS);
        next.lists().forEach(list -> store.offer(new Item.OfRoot(list).toBytes(), Sender.DISK, NOW));
        assertThat(store.hasPlace(ALICE, new Register("label", "one more"))).isTrue();
        Statement more =
                Stubs.statement(genesis, store.holding().tip(), new Register("label", "one more"), 1, 0, new byte[0]);
        trust(store, more, ALICE);
        assertThat(World.holds(store, more)).isTrue();
        assertThat(store.holding().all()).hasSize(Limits.OTHERS + 1);
    }

    @Test
    void a_chain_ends_at_its_bound_and_warns_before() {
        Charter last = null;
        for (int version = 1; version < 40; version++) {
            NextCharter next = NextCharter.after(store, 1, NOW);
            last = next.charter().content();
            store.offer(Stubs.charter(last, ALICE), Sender.DISK, NOW);
        }
        assertThat(store.tip().version()).isEqualTo(39);
        var beyond = new Charter(
                last.network(),
                Limits.CHARTERS,
                last.parent(),
                1,
                NOW,
                last.operators(),
                last.recovery(),
                1,
                last.rules(),
                List.of(),
                0,
                List.of(),
                0);
        assertThat(store.offer(Stubs.charter(beyond, ALICE), Sender.DISK, NOW)).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void a_charter_of_two_proposals_is_kept_for_each_keyholder() {
        var world = new World();
        for (int attempt = 1; attempt <= 10; attempt++) {
            NextCharter next = NextCharter.after(world.store, attempt, NOW);
            world.offer(Stubs.charter(next.charter().content(), CAROL));
        }
        NextCharter honest = NextCharter.after(world.store, 1, NOW).threshold(3);
        world.offer(Stubs.charter(honest.charter().content(), ALICE));
        assertThat(world.store.holding().charterProposals().stream()
                        .map(p -> p.charter().content().attempt()))
                .containsExactlyInAnyOrder(10, 9, 1);
        world.offer(Stubs.charter(honest.charter().content(), BOB));
        assertThat(world.tip()).isNotEqualTo(honest.charter());
        world.offer(Stubs.charter(honest.charter().content(), CAROL));
        assertThat(world.tip()).isEqualTo(honest.charter());
    }

    @Test
    void a_peer_waits_when_it_sends_more_signatures_than_are_checked() {
        Sender peer = Sender.member("peer");
        int kept = 0;
        Outcome last = null;
        for (Statement statement : labels(Limits.CHECKS_OF_PEER + 1)) {
            last = store.offer(Stubs.statement(statement, ALICE), peer, NOW);
            kept += last instanceof Outcome.Kept ? 1 : 0;
        }
        assertThat(kept).isEqualTo(Limits.CHECKS_OF_PEER);
        assertThat(last).isEqualTo(new Outcome.Wait(5));
        byte[] next = Stubs.statement(label(Limits.CHECKS_OF_PEER), ALICE);
        assertThat(store.offer(next, Sender.member("another"), NOW)).isInstanceOf(Outcome.Kept.class);
        assertThat(store.offer(Stubs.statement(label(999), ALICE), peer, NOW + 5))
                .isInstanceOf(Outcome.Kept.class);
    }

    @Test
    void strangers_share_a_budget_that_members_do_not_use() {
        int kept = 0;
        List<Statement> all = labels(1_000);
        for (int i = 0; i < all.size(); i++) {
            Outcome outcome = store.offer(Stubs.statement(all.get(i), ALICE), Sender.stranger("s" + i), NOW);
            kept += outcome instanceof Outcome.Wait ? 0 : 1;
        }
        assertThat(kept).isEqualTo(Limits.CHECKS_OF_STRANGERS);
        assertThat(store.offer(Stubs.statement(all.getLast(), ALICE), Sender.member("m"), NOW))
                .isNotInstanceOf(Outcome.Wait.class);
    }

    @Test
    void a_peer_of_a_thousand_bad_signatures_is_disconnected() {
        Sender peer = Sender.member("peer");
        byte[] document = label(0).toBytes();
        byte[] forged = new Item.OfStatement(
                        new Signed(document, List.of(Stubs.forge(SigningInput.STATEMENT, document, ALICE))))
                .toBytes();
        for (int i = 0; i < Limits.BAD_SIGNATURES; i++) {
            assertThat(store.offer(forged, peer, NOW + i * 10L)).isInstanceOf(Outcome.Nothing.class);
        }
        assertThat(store.offer(forged, peer, NOW)).isInstanceOf(Outcome.Disconnect.class);
        assertThat(store.offer(Stubs.statement(label(0), ALICE), Sender.member("b"), NOW))
                .isInstanceOf(Outcome.Kept.class);
    }

    @Test
    void an_operators_name_and_signature_are_never_checked_for_nothing() {
        var checks = new java.util.concurrent.atomic.AtomicInteger();
        var counting = new DocumentStore(genesis, (key, input, signature) -> {
            checks.incrementAndGet();
            return Stubs.CHECK.verify(key, input, signature);
        });
        byte[] document = label(0).toBytes();
        List<Signature> junk = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            junk.add(Stubs.sign(SigningInput.STATEMENT, document, Stubs.key("junk" + i)));
        }
        junk.add(Stubs.sign(SigningInput.STATEMENT, document, ALICE));
        byte[] item = new Item.OfStatement(Signed.of(document, junk)).toBytes();
        counting.offer(item, Sender.member("p"), NOW);
        counting.offer(item, Sender.member("p"), NOW);
        assertThat(checks).hasValue(1);
    }

    @Test
    void twenty_thousand_statements_load_quickly_and_one_more_costs_little() {
        List<byte[]> items = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Key key = Stubs.key("m" + i);
            String id = key.peer();
            Document<Charter> under = genesis.content().charter();
            items.add(Stubs.statement(Stubs.member(genesis, under, id, 1, Stubs.certificate(1, key)), ALICE));
            items.add(Stubs.statement(Stubs.renewal(genesis, under, id, 1, 1, NOW), ALICE));
        }
        // Once for the compiler.
        var warm = new DocumentStore(genesis, Stubs.CHECK);
        items.subList(0, 4_000).forEach(item -> warm.offer(item, Sender.DISK, NOW));
        long start = System.nanoTime();
        items.forEach(item -> store.offer(item, Sender.DISK, NOW));
        long loaded = (System.nanoTime() - start) / 1_000_000;
        start = System.nanoTime();
        labels(200).forEach(statement -> trust(store, statement, ALICE));
        long each = (System.nanoTime() - start) / 200_000;
        System.out.println("20,000 statements in " + loaded + " ms; one more in " + each + " us");
        assertThat(store.holding().members()).hasSize(10_000);
        // Ten times what an idle machine needs.
        assertThat(loaded).isLessThan(10_000);
        assertThat(each).isLessThan(10_000);
        assertThat(store.copy().digests()).isEqualTo(store.digests());
    }

    @Test
    void two_stores_that_exchanged_once_offer_each_other_nothing() {
        var one = new World();
        var other = new World(one.genesis);
        Document<Charter> first = one.amend(n -> n.add("dora", Stubs.key("dora")), ALICE, BOB, Stubs.key("dora"));
        one.say(one.directive("a", 1, 1), ALICE, BOB, CAROL);
        one.say(one.directive("b", 1, 1), ALICE);
        other.say(Stubs.member(one.genesis, other.tip(), World.ID, 1, Stubs.certificate(1, World.MACHINE)), BOB);
        exchange(one.store, other.store);
        assertThat(other.tip()).isEqualTo(first);
        assertThat(one.store.digests()).isEqualTo(other.store.digests());
        assertThat(one.store.holding().members()).hasSize(1);
        assertThat(one.store.credentials(World.ID)).hasSize(1);
    }

    private static void exchange(DocumentStore one, DocumentStore other) {
        Sender peer = Sender.member("the other");
        List<byte[]> toOther = one.pathAfter(other.path(), 1);
        List<byte[]> toOne = other.pathAfter(one.path(), 1);
        toOther.forEach(item -> other.offer(item, peer, NOW));
        toOne.forEach(item -> one.offer(item, peer, NOW));
        Set<Hash> mine = one.digests();
        Set<Hash> theirs = other.digests();
        one.items(minus(mine, theirs), 1 << 20).forEach(item -> other.offer(item, peer, NOW));
        other.items(minus(theirs, mine), 1 << 20).forEach(item -> one.offer(item, peer, NOW));
    }

    private static Set<Hash> minus(Set<Hash> all, Set<Hash> some) {
        Set<Hash> rest = new java.util.HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Test
    void a_charter_of_a_later_format_changes_nothing_and_is_told() {
        byte[] later = {8, 2, 0x7a, 1, 1};
        byte[] item = new Item.OfCharter(Stubs.signed(SigningInput.CHARTER, later, List.of(ALICE))).toBytes();
        byte[] junk = new Item.OfCharter(Stubs.signed(SigningInput.CHARTER, later, List.of(BOB))).toBytes();
        store.offer(junk, Sender.member("p"), NOW);
        assertThat(store.holding().alarms()).isEmpty();
        assertThat(store.offer(item, Sender.member("p"), NOW)).isInstanceOf(Outcome.Refused.class);
        assertThat(store.holding().alarms()).containsExactly(new Alarm.UnknownFormat(2, Hash.sha256(later)));
        assertThat(store.tip().version()).isZero();
    }
}
