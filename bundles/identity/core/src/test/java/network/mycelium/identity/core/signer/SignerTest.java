package network.mycelium.identity.core.signer;

import static network.mycelium.identity.core.World.ALICE;
import static network.mycelium.identity.core.World.BOB;
import static network.mycelium.identity.core.World.CAROL;
import static network.mycelium.identity.core.World.ID;
import static network.mycelium.identity.core.World.MACHINE;
import static network.mycelium.identity.core.World.NOW;
import static network.mycelium.identity.core.World.hash;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import network.mycelium.identity.core.Stubs;
import network.mycelium.identity.core.World;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Preview;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import org.junit.jupiter.api.Test;

class SignerTest {
    private static final Key CODE1 = Stubs.key("code1");
    private static final Key CODE2 = Stubs.key("code2");

    private final World world = new World();
    private final World lone = new World(Stubs.genesis(2, 1, List.of(ALICE), List.of(CODE1, CODE2)));

    private SignerChecks checks(SignerMemory memory) {
        return new SignerChecks(world.store, memory, ALICE);
    }

    private static List<String> names(Charter charter) {
        return charter.operators().stream().map(Operator::name).toList();
    }

    @Test
    void new_operators_take_the_places_of_codes_and_always_two_of_three_amend() {
        lone.amend(next -> next.add("bob", BOB), ALICE, CODE1);
        assertThat(lone.tip().content().recovery()).containsExactly(CODE1);
        assertThat(lone.tip().content().threshold()).isEqualTo(2);
        assertThat(lone.tip().content().rule("directive").operators()).isEqualTo(2);
        assertThat(lone.tip().content().rule("member").operators()).isEqualTo(1);
        lone.amend(next -> next.add("carol", CAROL), ALICE, BOB);
        Charter three = lone.tip().content();
        assertThat(three.recovery()).isEmpty();
        assertThat(three.threshold()).isEqualTo(2);
        assertThat(three.rule("directive").operators()).isEqualTo(2);
        lone.amend(next -> next.add("dora", Stubs.key("dora")), ALICE, BOB, CAROL);
        assertThat(lone.tip().content().threshold()).isEqualTo(3);
        assertThat(lone.tip().content().version()).isEqualTo(3);
    }

    @Test
    void a_recovery_code_says_nothing_but_charters() {
        Statement directive = lone.directive("d", 1, 1);
        lone.say(directive, CODE1, CODE2);
        assertThat(lone.holds(directive)).isFalse();
        lone.amend(next -> next.add("new laptop", BOB), CODE1, CODE2, BOB);
        assertThat(names(lone.tip().content())).containsExactly("op0", "new laptop");
    }

    @Test
    void removing_shows_what_falls_and_what_comes_back_and_how_many_may_be_lost() {
        Statement before = world.member(world.tip(), 1, Stubs.certificate(1, MACHINE));
        Statement byCarol = world.member(world.tip(), 2, Stubs.certificate(1, MACHINE));
        Statement both = world.directive("d", 1, 1);
        world.say(before, ALICE);
        world.say(byCarol, CAROL);
        world.say(both, ALICE, CAROL);
        NextCharter next = NextCharter.after(world.store, 1, NOW).remove("op2");
        Preview preview = world.store.preview(next.charter().content(), next.lists());
        assertThat(preview.falls().stream().map(held -> held.document().hash()))
                .containsExactlyInAnyOrder(hash(byCarol), hash(both));
        assertThat(preview.comesBack().stream().map(held -> held.document().hash()))
                .containsExactly(hash(before));
        assertThat(preview.mayBeLost()).isZero();
        assertThat(world.holds(byCarol)).isTrue();
        NextCharter keeping = next.standing(Set.of(hash(byCarol), hash(both)));
        assertThat(keeping.falling()).isEmpty();
        assertThat(checks(SignerMemory.empty()).charter(keeping.charter(), keeping.lists(), NOW))
                .isEmpty();
    }

    @Test
    void revocations_of_a_certified_generation_are_kept_and_ones_beyond_fall() {
        world.say(world.member(world.tip(), 1, Stubs.certificate(1, MACHINE)), ALICE);
        Statement revocation = world.member(world.tip(), 2, Member.revoked(1));
        world.say(revocation, CAROL);
        NextCharter next = NextCharter.after(world.store, 1, NOW).remove("op2");
        assertThat(next.revocations().stream().map(Held::statement)).containsExactly(revocation);
        world.say(world.member(world.tip(), 3, Member.revoked(9)), CAROL);
        assertThat(NextCharter.after(world.store, 1, NOW).remove("op2").revocations())
                .isEmpty();
    }

    @Test
    void a_seventeenth_root_makes_one_list_of_all() {
        Hash last = null;
        for (int i = 0; i < Charter.MAX_ROOTS + 1; i++) {
            Statement directive = world.directive("d" + i, 1, i);
            world.say(directive, ALICE, CAROL);
            last = hash(directive);
            Hash listed = last;
            world.amend(next -> next.standing(Set.of(listed)), ALICE, BOB);
        }
        assertThat(world.tip().content().roots()).hasSize(1);
        assertThat(world.store
                        .list(world.tip().content().roots().getFirst())
                        .orElseThrow()
                        .statements())
                .hasSize(Charter.MAX_ROOTS + 1)
                .contains(last);
        assertThat(world.store.holding().all("directive")).hasSize(Charter.MAX_ROOTS + 1);
    }

    @Test
    void closing_lists_all_that_holds_and_nothing_else_counts() {
        Statement directive = world.directive("d", 1, 1);
        world.say(directive, ALICE, BOB);
        NextCharter next = NextCharter.after(world.store, 1, NOW).close();
        assertThat(next.charter().content().floor()).isEqualTo(1);
        assertThat(next.lists()).containsExactly(RootList.of(List.of(hash(directive))));
        assertThat(next.falling()).isEmpty();
    }

    @Test
    void the_losing_side_of_a_fork_is_proposed_again() {
        Document<Charter> parent = world.tip();
        Key dora = Stubs.key("dora");
        Charter lost = NextCharter.after(world.store, 1, NOW)
                .add("dora", dora)
                .charter()
                .content();
        world.amend(next -> next.rule(new Rule("index", 1, false)), ALICE, BOB);
        NextCharter again = NextCharter.after(world.store, 1, NOW).rebase(lost, parent.content());
        Charter charter = again.charter().content();
        assertThat(names(charter)).containsExactly("op0", "op1", "op2", "dora");
        assertThat(charter.operator(dora).orElseThrow().since()).isEqualTo(2);
        assertThat(charter.rule("index").operators()).isEqualTo(1);
        assertThat(charter.threshold()).isEqualTo(3);
    }

    @Test
    void attempts_only_grow_and_not_by_more_than_sixteen() {
        Hash parent = world.tip().hash();
        Document<Charter> third = NextCharter.after(world.store, 3, NOW).charter();
        SignerMemory memory = SignerMemory.empty().signed(parent, 3, third.hash());
        assertThat(checks(memory).charter(third, List.of(), NOW)).isEmpty();
        Document<Charter> rival =
                NextCharter.after(world.store, 3, NOW).threshold(3).charter();
        assertThat(checks(memory).charter(rival, List.of(), NOW)).anyMatch(why -> why.contains("attempt 3"));
        assertThat(checks(memory).undoes(rival)).containsExactly(third.hash());
        Document<Charter> far = NextCharter.after(world.store, 20, NOW).charter();
        assertThat(checks(memory).charter(far, List.of(), NOW)).anyMatch(why -> why.contains("more than 16"));
        assertThat(checks(memory)
                        .charter(NextCharter.after(world.store, 19, NOW).charter(), List.of(), NOW))
                .isEmpty();
        assertThat(NextCharter.attempt(world.store, memory)).isEqualTo(4);
    }

    @Test
    void a_wrong_clock_is_refused_but_a_founders_locks_nobody_out() {
        Document<Charter> next = NextCharter.after(world.store, 1, NOW).charter();
        assertThat(checks(SignerMemory.empty()).charter(next, List.of(), NOW + 8_000_000))
                .singleElement()
                .asString()
                .contains("clock");
        world.amend(n -> NextCharter.after(world.store, 1, 900_000_000_000L), ALICE, BOB);
        Document<Charter> after = NextCharter.after(world.store, 1, NOW).charter();
        assertThat(checks(SignerMemory.empty()).charter(after, List.of(), NOW)).isEmpty();
    }

    @Test
    void a_root_of_unknown_leaves_is_not_signed() {
        RootList unknown = RootList.of(List.of(Hash.sha256(new byte[] {1})));
        NextCharter next = NextCharter.after(world.store, 1, NOW).standing(Set.copyOf(unknown.statements()));
        assertThat(checks(SignerMemory.empty()).charter(next.charter(), next.lists(), NOW))
                .singleElement()
                .asString()
                .contains("1 statements");
        assertThat(checks(SignerMemory.empty()).charter(next.charter(), List.of(), NOW))
                .singleElement()
                .asString()
                .contains("list");
    }

    @Test
    void the_next_sequence_looks_at_what_holds_alone() {
        Register register = new Register("directive", "d");
        world.say(world.directive("d", 41, 1), CAROL);
        assertThat(checks(SignerMemory.empty()).sequence(register, 0)).isEqualTo(1);
        Statement held = world.directive("d", 7, 1);
        world.say(held, ALICE, BOB);
        assertThat(checks(SignerMemory.empty()).sequence(register, 0)).isEqualTo(8);
        assertThat(checks(SignerMemory.empty()).statement(document(world.directive("d", 9, 1))))
                .singleElement()
                .asString()
                .contains("sequence");
        world.amend(World.same(), ALICE, BOB);
        assertThat(checks(SignerMemory.empty()).sequence(register, 0)).isEqualTo(1);
        assertThat(checks(SignerMemory.empty()).statement(document(held))).isEmpty();
    }

    private static Document<Statement> document(Statement statement) {
        return Document.statement(statement.toBytes());
    }

    @Test
    void an_ended_key_and_a_used_generation_get_no_certificate() {
        world.say(world.member(world.tip(), 1, Stubs.certificate(1, MACHINE)), ALICE);
        world.say(world.member(world.tip(), 1, Member.revoked(1)), ALICE);
        SignerMemory memory = SignerMemory.empty().ended(Set.of(MACHINE));
        var old = document(world.member(world.tip(), 1, Stubs.certificate(2, MACHINE)));
        assertThat(checks(memory).statement(old)).singleElement().asString().contains("new one");
        var used = document(world.member(world.tip(), 2, Stubs.certificate(1, MACHINE)));
        assertThat(checks(SignerMemory.empty()).statement(used))
                .singleElement()
                .asString()
                .contains("generation 1");
        var fresh = document(world.member(world.tip(), 1, Stubs.certificate(2, Stubs.key("fresh"))));
        assertThat(checks(memory).statement(fresh)).isEmpty();
    }

    @Test
    void nothing_is_renewed_by_itself_while_there_is_a_quarrel() {
        world.say(world.member(world.tip(), 1, Stubs.certificate(1, MACHINE)), ALICE);
        var renewal = document(Stubs.renewal(world.genesis, world.tip(), ID, 1, 1, NOW));
        assertThat(checks(SignerMemory.empty()).statement(renewal)).isEmpty();
        for (String name : List.of("a", "b")) {
            var rotation = new network.mycelium.identity.core.member.Rotation(
                    world.genesis.hash(), ID, 1, MACHINE, Stubs.key(name));
            world.offer(Stubs.rotation(rotation, MACHINE, Stubs.key(name)));
        }
        assertThat(checks(SignerMemory.empty()).statement(renewal))
                .singleElement()
                .asString()
                .contains("two keys");
    }

    @Test
    void of_too_many_keys_that_ended_the_oldest_are_forgotten() {
        var memory = SignerMemory.empty().ended(List.of(Stubs.key("first"), Stubs.key("second")));
        List<Key> many = new ArrayList<>();
        for (int i = 0; i < SignerMemory.MAX_ENDED - 1; i++) {
            many.add(Stubs.key("k" + i));
        }
        memory = memory.ended(many);
        assertThat(memory.ended())
                .hasSize(SignerMemory.MAX_ENDED)
                .contains(Stubs.key("second"))
                .doesNotContain(Stubs.key("first"));
    }
}
