package network.mycelium.identity.core;

import static network.mycelium.identity.core.World.ALICE;
import static network.mycelium.identity.core.World.BOB;
import static network.mycelium.identity.core.World.CAROL;
import static network.mycelium.identity.core.World.ID;
import static network.mycelium.identity.core.World.MACHINE;
import static network.mycelium.identity.core.World.NOW;
import static network.mycelium.identity.core.World.THIEF;
import static network.mycelium.identity.core.World.hash;
import static network.mycelium.identity.core.World.same;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Access;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.signer.NextCharter;
import network.mycelium.identity.core.store.Alarm;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;
import org.junit.jupiter.api.Test;

/// The attacks of the specification's table, one after the other.
class AttacksTest {
    private final World world = new World();

    private Statement certificate(int generation, Key key) {
        return world.member(world.tip(), 1, Stubs.certificate(generation, key));
    }

    private byte[] rotation(int generation, Key old, Key next) {
        return Stubs.rotation(new Rotation(world.genesis.hash(), ID, generation, old, next), old, next);
    }

    @Test
    void one_operator_alone_directs_nothing() {
        Statement directive = world.directive("d", 1, 1);
        world.say(directive, ALICE);
        world.say(directive, ALICE);
        assertThat(world.holds(directive)).isFalse();
        assertThat(world.store.holding().proposals()).hasSize(1);
        world.say(directive, BOB);
        assertThat(world.holds(directive)).isTrue();
    }

    @Test
    void a_second_rotation_of_a_replaced_key_locks_and_never_takes_over() {
        world.say(certificate(1, MACHINE), ALICE);
        Key next = Stubs.key("next");
        world.offer(rotation(1, MACHINE, next));
        assertThat(world.store.holding().whose(next)).isPresent();
        assertThat(world.store.holding().whose(MACHINE)).isEmpty();
        for (int i = 0; i < 20; i++) {
            world.offer(rotation(1, MACHINE, Stubs.key("thief" + i)));
            assertThat(world.store.holding().whose(Stubs.key("thief" + i))).isEmpty();
        }
        for (DocumentStore store : List.of(world.store, world.other())) {
            assertThat(store.holding().member(ID).orElseThrow().locked()).isTrue();
            assertThat(store.holding().whose(next)).isEmpty();
            assertThat(store.holding().alarms()).contains(new Alarm.Locked(ID, MACHINE));
        }
        assertThat(world.store.digests()).isEqualTo(world.other().digests());
    }

    @Test
    void a_recovery_ends_the_lock_in_the_next_generation() {
        world.say(certificate(1, MACHINE), ALICE);
        world.offer(rotation(1, MACHINE, Stubs.key("next")));
        world.offer(rotation(1, MACHINE, Stubs.key("thief")));
        assertThat(world.store.holding().member(ID).orElseThrow().locked()).isTrue();
        Key next = Stubs.key("next");
        world.say(certificate(2, next), ALICE);
        assertThat(world.store.holding().whose(next)).isPresent();
        world.offer(rotation(1, MACHINE, Stubs.key("once more")));
        assertThat(world.store.holding().member(ID).orElseThrow().locked()).isFalse();
        assertThat(world.other().holding().whose(next)).isPresent();
    }

    @Test
    void a_founders_old_key_does_not_replace_the_new_one() {
        Key fresh = Stubs.key("alice anew");
        world.amend(next -> next.replace("op0", fresh), BOB, CAROL);
        Document<Charter> tip = world.tip();
        world.amend(next -> next.replace("op0", ALICE), ALICE);
        world.amend(next -> next.remove("op0"), ALICE, THIEF);
        assertThat(world.tip()).isEqualTo(tip);
        assertThat(world.store.holding().isOperator(ALICE)).isFalse();
        assertThat(world.store.holding().isOperator(fresh)).isTrue();
    }

    @Test
    void a_removed_operator_cannot_backdate() {
        Document<Charter> first = world.tip();
        world.amend(next -> next.remove("op2"), ALICE, BOB);
        Statement late = world.member(first, Fields.MAX_UINT32, Stubs.certificate(1, MACHINE));
        assertThat(world.say(late, CAROL)).isInstanceOf(Outcome.Nothing.class);
        assertThat(world.store.holding().members()).isEmpty();
        assertThat(world.other().holding().members()).isEmpty();
    }

    @Test
    void what_a_removed_operator_said_stands_only_by_a_root() {
        Statement listed = certificate(1, MACHINE);
        Key other = Stubs.key("other");
        Statement unlisted = Stubs.member(world.genesis, world.tip(), other.peer(), 1, Stubs.certificate(1, other));
        world.say(listed, CAROL);
        world.say(unlisted, CAROL);
        world.amend(next -> next.remove("op2").standing(Set.of(hash(listed))), ALICE, BOB);
        for (DocumentStore store : List.of(world.store, world.other())) {
            assertThat(World.holds(store, listed)).isTrue();
            assertThat(World.holds(store, unlisted)).isFalse();
            assertThat(store.holding().missingLists()).isEmpty();
        }
    }

    @Test
    void one_taken_back_in_does_not_bring_back_what_it_said_meanwhile() {
        Document<Charter> first = world.tip();
        world.amend(next -> next.remove("op2"), ALICE, BOB);
        Document<Charter> second = world.tip();
        world.amend(next -> next.add("carol", CAROL), ALICE, BOB);
        for (Document<Charter> charter : List.of(first, second)) {
            world.say(world.member(charter, 7, Stubs.certificate(1, MACHINE)), CAROL);
        }
        assertThat(world.store.holding().members()).isEmpty();
        world.say(certificate(1, MACHINE), CAROL);
        assertThat(world.store.holding().members()).hasSize(1);
    }

    @Test
    void a_set_of_validators_of_long_ago_decides_nothing() {
        List<Key> old = keys("old", 4);
        List<Key> fresh = keys("fresh", 4);
        world.amend(n -> n.validators(old).rule(new Rule("directive", 0, false)), ALICE, BOB);
        Document<Charter> then = world.tip();
        Statement first = world.directive("d", 1, 1);
        world.say(first, old.get(0), old.get(1), old.get(2));
        assertThat(world.holds(first)).isTrue();
        world.amend(n -> n.validators(fresh), ALICE, BOB);
        assertThat(world.holds(first)).isFalse();
        Statement late = Stubs.statement(world.genesis, then, new Register("directive", "d"), 9, 0, new byte[] {1});
        world.say(late, old.toArray(new Key[0]));
        assertThat(world.holds(late)).isFalse();
        // A key that is in both sets does not count for what it said before without a break either.
        assertThat(world.other().holding().all("directive")).isEmpty();
    }

    @Test
    void a_quorum_is_n_less_a_third_and_operators_do_not_make_up_for_it() {
        List<Key> seven = keys("v", 7);
        world.amend(n -> n.validators(seven).rule(new Rule("directive", 0, false)), ALICE, BOB);
        Statement directive = world.directive("d", 1, 1);
        world.say(directive, seven.get(0), seven.get(1), seven.get(2), seven.get(3), ALICE, BOB, CAROL);
        assertThat(world.holds(directive)).isFalse();
        world.say(directive, seven.get(4));
        assertThat(world.holds(directive)).isTrue();
    }

    private static List<Key> keys(String name, int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> Stubs.key(name + i))
                .toList();
    }

    @Test
    void rogues_who_sign_one_register_in_all_combinations_keep_eight_each() {
        List<Key> rogues = keys("rogue", 6);
        var big = new World(Stubs.genesis(4, 1, rogues, List.of()));
        for (int subset = 1; subset < 64; subset++) {
            for (int i = 0; i < 4; i++) {
                List<Key> signers = new java.util.ArrayList<>();
                for (int bit = 0; bit < 6; bit++) {
                    if ((subset >> bit & 1) != 0) {
                        signers.add(rogues.get(bit));
                    }
                }
                long sequence = 1_000L - 10L * signers.size() - i;
                big.say(big.directive("d", sequence, subset), signers.toArray(new Key[0]));
            }
        }
        long kept = big.store.everything().stream()
                .filter(item -> Item.parse(item) instanceof Item.OfStatement)
                .count();
        assertThat(kept).isLessThanOrEqualTo(8 * 6);
        assertThat(big.store.holding().all("directive")).hasSize(1);
    }

    @Test
    void nobody_revokes_an_operator() {
        String alice = ALICE.peer();
        Statement revocation = Stubs.member(world.genesis, world.tip(), alice, Fields.MAX_UINT32, Member.revoked(9));
        world.say(revocation, BOB);
        assertThat(world.store.holding().whose(ALICE)).get().isInstanceOf(Holding.Who.IsOperator.class);
        Statement directive = world.directive("d", 1, 1);
        world.say(directive, ALICE, CAROL);
        assertThat(world.holds(directive)).isTrue();
    }

    @Test
    void the_highest_sequence_is_outranked_by_the_next_charter() {
        Statement last = world.directive("d", Fields.MAX_UINT32, 1);
        world.say(last, ALICE, BOB);
        world.amend(same(), BOB, CAROL);
        Statement next = world.directive("d", 1, 2);
        world.say(next, BOB, CAROL);
        assertThat(world.holds(next)).isTrue();
    }

    @Test
    void a_lone_proposal_of_the_last_sequence_blocks_nobody() {
        world.say(world.directive("d", Fields.MAX_UINT32, 1), CAROL);
        Statement honest = world.directive("d", 1, 2);
        world.say(honest, ALICE, BOB);
        assertThat(world.holds(honest)).isTrue();
        assertThat(world.other().holding().all("directive")).hasSize(1);
    }

    @Test
    void a_stolen_key_appoints_nobody() {
        Document<Charter> tip = world.tip();
        Charter next = NextCharter.after(world.store, 1, NOW)
                .add("second", THIEF)
                .charter()
                .content();
        world.offer(Stubs.charter(next, ALICE, THIEF));
        assertThat(world.tip()).isEqualTo(tip);
        world.say(world.directive("d", 1, 1), ALICE, THIEF);
        assertThat(world.store.holding().all("directive")).isEmpty();
    }

    @Test
    void no_certificate_makes_an_operator() {
        var full = new Member(1, false, java.util.Optional.of(MACHINE), "m", Access.FULL, List.of(), List.of());
        world.say(world.member(world.tip(), 1, full), ALICE);
        Member member = world.store.holding().member(ID).orElseThrow().member();
        assertThat(member.access().effective()).isEqualTo(Access.STANDARD);
        Statement directive = world.directive("d", 1, 1);
        world.say(directive, ALICE, MACHINE);
        assertThat(world.holds(directive)).isFalse();
    }

    @Test
    void half_signed_rotations_junk_signatures_and_invented_kinds_take_no_place() {
        world.say(certificate(1, MACHINE), ALICE);
        int before = world.store.digests().size();
        for (int i = 0; i < 300; i++) {
            Key key = Stubs.key("x" + i);
            var half = new Rotation(world.genesis.hash(), ID, 1, MACHINE, key);
            world.offer(Stubs.rotation(half, MACHINE));
            world.offer(Stubs.rotation(half, key));
            world.offer(rotation(1, key, Stubs.key("y" + i)));
            Statement invented =
                    Stubs.statement(world.genesis, world.tip(), new Register("k" + i, ""), 1, 0, new byte[0]);
            world.say(invented, THIEF, key);
        }
        assertThat(world.store.digests()).hasSize(before);
        Statement directive = world.directive("d", 1, 1);
        byte[] bytes = directive.toBytes();
        List<network.mycelium.identity.core.document.Signature> junk = new java.util.ArrayList<>();
        for (int i = 0; i < 200; i++) {
            junk.add(Stubs.sign(SigningInput.STATEMENT, bytes, Stubs.key("junk" + i)));
        }
        junk.add(Stubs.forge(SigningInput.STATEMENT, bytes, CAROL));
        junk.add(Stubs.sign(SigningInput.STATEMENT, bytes, ALICE));
        world.offer(new Item.OfStatement(Signed.of(bytes, junk)).toBytes());
        world.say(directive, BOB);
        assertThat(world.holds(directive)).isTrue();
    }

    @Test
    void proposals_of_one_do_not_take_the_places_of_another() {
        for (int i = 0; i < 200; i++) {
            world.say(world.directive("flood" + i, Fields.MAX_UINT32, 1), CAROL);
        }
        assertThat(world.store.holding().proposals()).hasSize(16);
        Statement honest = world.directive("d", 1, 1);
        world.say(honest, ALICE);
        assertThat(world.store.holding().proposals()).hasSize(17);
        world.say(honest, BOB);
        assertThat(world.holds(honest)).isTrue();
    }

    @Test
    void a_revocation_beats_a_renewal_whichever_comes_first() {
        Statement certificate = certificate(1, MACHINE);
        Statement revocation = world.member(world.tip(), 1, Member.revoked(1));
        Statement renewal = Stubs.renewal(world.genesis, world.tip(), ID, 99, 1, Long.MAX_VALUE);
        world.say(certificate, ALICE);
        world.say(revocation, BOB);
        world.say(renewal, ALICE);
        world.say(world.member(world.tip(), 50, Stubs.certificate(1, MACHINE)), CAROL);
        for (DocumentStore store : List.of(world.store, world.other())) {
            assertThat(store.holding().members()).isEmpty();
            assertThat(World.holds(store, revocation)).isTrue();
        }
        world.say(certificate(2, Stubs.key("anew")), ALICE);
        assertThat(world.store.holding().members()).hasSize(1);
    }

    @Test
    void a_charter_that_was_hidden_and_comes_late_loses_to_the_later_attempt() {
        Charter hidden =
                NextCharter.after(world.store, 1, NOW).remove("op0").charter().content();
        Charter later =
                NextCharter.after(world.store, 2, NOW).remove("op2").charter().content();
        world.offer(Stubs.charter(later, ALICE, BOB));
        world.offer(Stubs.charter(hidden, BOB, CAROL));
        for (DocumentStore store : List.of(world.store, world.other())) {
            assertThat(store.holding().charter()).isEqualTo(later);
            assertThat(store.holding().alarms())
                    .anyMatch(alarm ->
                            alarm instanceof Alarm.Fork fork && fork.both().equals(Set.of(BOB)));
        }
    }

    @Test
    void the_alarm_of_a_fork_ends_with_a_pin_of_what_holds_or_follows() {
        Document<Charter> one =
                NextCharter.after(world.store, 1, NOW).remove("op0").charter();
        Document<Charter> two =
                NextCharter.after(world.store, 2, NOW).remove("op2").charter();
        world.offer(Stubs.charter(one.content(), BOB, CAROL));
        world.offer(Stubs.charter(two.content(), ALICE, BOB));
        assertThat(world.store.holding().alarms()).hasSize(1);
        world.store.pin(new Pin(two.content().version(), two.hash()));
        assertThat(world.store.holding().alarms()).isEmpty();
    }

    @Test
    void an_old_proposal_that_rogues_complete_loses_by_its_attempt() {
        Charter old =
                NextCharter.after(world.store, 1, NOW).remove("op1").charter().content();
        world.offer(Stubs.charter(old, ALICE));
        Charter held =
                NextCharter.after(world.store, 2, NOW).threshold(2).charter().content();
        world.offer(Stubs.charter(held, ALICE, BOB));
        world.offer(Stubs.charter(old, CAROL));
        assertThat(world.store.holding().charter()).isEqualTo(held);
    }

    @Test
    void nothing_of_another_network_or_of_a_lost_fork_counts() {
        var stranger = new World(Stubs.genesis(3, 1, List.of(ALICE, BOB, CAROL, THIEF), List.of()));
        Statement foreign = stranger.directive("d", 1, 1);
        assertThat(world.say(foreign, ALICE, BOB)).isInstanceOf(Outcome.Refused.class);
        Charter next =
                NextCharter.after(stranger.store, 1, NOW).threshold(4).charter().content();
        assertThat(world.offer(Stubs.charter(next, ALICE, BOB))).isInstanceOf(Outcome.NeedsCharter.class);
        Charter loser =
                NextCharter.after(world.store, 1, NOW).threshold(3).charter().content();
        Charter winner =
                NextCharter.after(world.store, 2, NOW).threshold(2).charter().content();
        world.offer(Stubs.charter(loser, ALICE, BOB, CAROL));
        Statement lost = world.directive("d", 1, 1);
        world.say(lost, ALICE, BOB);
        assertThat(world.holds(lost)).isTrue();
        world.offer(Stubs.charter(winner, ALICE, BOB));
        world.say(lost, ALICE, BOB);
        assertThat(world.holds(lost)).isFalse();
    }

    @Test
    void a_certificate_from_before_the_past_was_closed_stays_void() {
        Statement certificate = certificate(1, MACHINE);
        world.say(certificate, ALICE);
        world.say(world.member(world.tip(), 1, Member.revoked(1)), ALICE);
        Statement stays = world.directive("d", 1, 1);
        world.say(stays, ALICE, BOB);
        world.amend(NextCharter::close, ALICE, BOB);
        world.say(certificate, ALICE);
        for (DocumentStore store : List.of(world.store, world.other())) {
            assertThat(store.holding().members()).isEmpty();
            assertThat(World.holds(store, stays)).isTrue();
        }
    }

    @Test
    void no_clock_decides_what_holds() {
        Statement directive = world.directive("d", 1, 1);
        byte[] item = Stubs.statement(directive, ALICE, BOB);
        for (long clock : new long[] {0, NOW, Long.MAX_VALUE / 2}) {
            var store = new DocumentStore(world.genesis, Stubs.CHECK);
            store.offer(item, Sender.member("peer"), clock);
            assertThat(World.holds(store, directive)).isTrue();
        }
    }

    @Test
    void an_expired_holder_shows_nothing_and_nothing_older_takes_its_place() {
        Register register = new Register("directive", "d");
        world.say(Stubs.statement(world.genesis, world.tip(), register, 1, 0, new byte[] {1}), ALICE, BOB);
        world.say(Stubs.statement(world.genesis, world.tip(), register, 2, NOW, new byte[] {2}), ALICE, BOB);
        Holding holding = world.store.holding();
        assertThat(holding.shows(register, NOW)).isPresent();
        assertThat(holding.shows(register, NOW + 8_000_000)).isEmpty();
        assertThat(holding.now(Long.MAX_VALUE, List.of(5_000L, 70_000L))).isEqualTo(70_000);
        assertThat(holding.now(3, List.of())).isEqualTo(1_000);
    }

    @Test
    void a_pin_keeps_a_node_from_going_back_to_a_fork() {
        Charter followed =
                NextCharter.after(world.store, 1, NOW).threshold(3).charter().content();
        world.offer(Stubs.charter(followed, ALICE, BOB, CAROL));
        world.store.pin(world.store.tip());
        Charter rival = NextCharter.after(new World().store, 9, NOW)
                .remove("op2")
                .charter()
                .content();
        world.offer(Stubs.charter(rival, ALICE, BOB));
        assertThat(world.store.holding().charter()).isEqualTo(followed);
        assertThat(world.other().holding().charter()).isEqualTo(rival);
    }

    @Test
    void a_node_that_lacks_its_pinned_charter_judges_nothing() {
        Charter next =
                NextCharter.after(world.store, 1, NOW).threshold(3).charter().content();
        var joining = new DocumentStore(world.genesis, Stubs.CHECK);
        joining.pin(new Pin(1, network.mycelium.identity.core.wire.Hash.sha256(next.toBytes())));
        Statement directive = world.directive("d", 1, 1);
        byte[] item = Stubs.statement(directive, ALICE, BOB);
        assertThat(joining.offer(item, Sender.member("p"), NOW)).isInstanceOf(Outcome.NeedsPinned.class);
        assertThat(joining.holding().all()).isEmpty();
        joining.offer(Stubs.charter(next, ALICE, BOB, CAROL), Sender.member("p"), NOW);
        joining.offer(item, Sender.member("p"), NOW);
        assertThat(World.holds(joining, directive)).isTrue();
    }

    @Test
    void what_is_said_once_is_not_done_again_after_it_was_forgotten() {
        Statement order =
                Stubs.statement(world.genesis, world.tip(), new Register("order", "o"), 1, NOW + 1_000, new byte[] {1});
        byte[] item = Stubs.statement(order, ALICE);
        world.offer(item);
        assertThat(world.holds(order)).isTrue();
        world.store.forget(NOW + 10_000_000);
        assertThat(world.holds(order)).isFalse();
        world.store.offer(item, Sender.member("peer"), NOW);
        assertThat(world.holds(order)).isFalse();
        Statement endless = Stubs.statement(world.genesis, world.tip(), new Register("order", "e"), 1, 0, new byte[0]);
        assertThat(world.say(endless, ALICE)).isInstanceOf(Outcome.Refused.class);
    }
}
