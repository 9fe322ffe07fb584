package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.Charters.Proposal;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Operators come, go and are replaced, and what they said with them.
@Timeout(120)
class CharterOfficeTest extends TestNodes {
    private static final Duration DAY = Duration.ofDays(1);

    private static void say(TestNode node, String key, String text) throws IdentityException {
        node.statements.publish("directive", key, text.getBytes(UTF_8), DAY);
    }

    private static void awaitHolds(TestNode node, String key) {
        await().until(() -> node.statements.find("directive", key).isPresent());
    }

    private List<String> code(int i) {
        return List.of(codes.get(i));
    }

    @Test
    void a_founder_says_everything_alone_and_amends_with_a_code() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        say(founder, "greeter", "run");
        awaitHolds(bob, "greeter");

        var add = new Change.Add("bob", bob.swarm.id());
        Proposal alone = founder.charters.propose(add, List.of());
        assertThat(alone.missing()).isEqualTo(1);
        assertThat(founder.charters.present().version()).isZero();
        assertThatThrownBy(() -> founder.charters.sign(alone.charter().hash(), List.of("abandon abandon")))
                .isInstanceOf(IdentityException.class);

        Proposal whole = founder.charters.sign(alone.charter().hash(), code(0));
        assertThat(whole.missing()).isZero();
        Charters.Charter present = founder.charters.present();
        assertThat(present.operators()).extracting(Charters.Operator::name).containsExactly("founder", "bob");
        assertThat(present.recovery()).hasSize(1);
        assertThat(present.threshold()).isEqualTo(2);
        await().until(() -> bob.charters.present().hash().equals(present.hash()));
        assertThat(bob.identity.member(bob.swarm.id()).orElseThrow().access()).isEqualTo(Access.FULL);

        // Two operators: a directive takes both, a certificate one.
        say(bob, "weather", "run");
        assertThat(bob.statements.find("directive", "weather")).isEmpty();
        await().until(() -> !founder.statements.proposals().isEmpty());
        founder.statements.approve("directive", "weather");
        awaitHolds(bob, "weather");
        bob.invite(1);
    }

    @Test
    void any_of_the_codes_will_do() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        var add = new Change.Add("bob", bob.swarm.id());
        assertThat(founder.charters.propose(add, code(1)).missing()).isZero();
        assertThat(founder.charters.checkCode(codes.get(1))).isTrue();
        assertThat(founder.charters.checkCode(codes.get(0))).isFalse();
    }

    @Test
    void who_is_taken_out_says_nothing_any_more_and_what_he_said_falls_or_stays_as_told() throws Exception {
        TestNode founder = founder();
        TestNode bob = operator(founder, "bob");
        founder.charters.propose(new Change.Decide("*", 1, null), code(0));
        await().until(() -> bob.charters.present().version() == 2);
        say(bob, "kept", "1");
        awaitHolds(founder, "kept");

        var preview = founder.charters.preview(new Change.Remove(bob.swarm.id(), Keep.NONE, true));
        assertThat(preview.falls()).extracting(Statement::key).containsExactly("kept");
        var out = new Change.Remove(bob.swarm.id(), Keep.ALL, true);
        assertThat(founder.charters.propose(out, code(0)).missing()).isZero();
        assertThat(founder.statements.find("directive", "kept")).isPresent();
        await().until(() -> bob.charters.present().version() == 3);

        assertThatThrownBy(() -> say(bob, "more", "2")).isInstanceOf(IdentityException.class);
        TestNode late = joined(founder, "late", Access.STANDARD);
        assertThat(late.statements.of("directive")).extracting(Statement::key).containsExactly("kept");
        assertThat(late.identity.member(bob.swarm.id()).orElseThrow().access()).isEqualTo(Access.STANDARD);
    }

    @Test
    void what_fell_is_listed_and_endorsed_anew_by_who_remains() throws Exception {
        TestNode founder = founder();
        TestNode bob = operator(founder, "bob");
        founder.charters.propose(new Change.Decide("*", 1, null), code(0));
        await().until(() -> bob.charters.present().version() == 2);
        say(bob, "greeter", "run");
        awaitHolds(founder, "greeter");

        founder.charters.propose(new Change.Remove(bob.swarm.id(), Keep.NONE, false), code(0));
        assertThat(founder.statements.find("directive", "greeter")).isEmpty();
        assertThat(founder.statements.fallen()).extracting(Statement::key).contains("greeter");
        // Nor is he an ordinary member.
        assertThat(founder.identity.members()).noneMatch(m -> m.peer().equals(bob.swarm.id()) && !m.revoked());
        await().until(() -> !founder.isConnectedTo(bob));

        founder.statements.endorse("directive", "greeter");
        assertThat(founder.statements.find("directive", "greeter").orElseThrow())
                .matches(s -> new String(s.body(), UTF_8).equals("run"))
                .matches(s -> s.signers().equals(List.of(founder.swarm.id())));
        assertThat(founder.statements.fallen()).isEmpty();
    }

    @Test
    void closing_the_past_keeps_what_holds_by_one_list() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        say(founder, "greeter", "run");
        founder.charters.propose(new Change.Close(), code(0));
        Charters.Charter present = founder.charters.present();
        assertThat(present.floor()).isEqualTo(present.version());
        assertThat(present.roots()).hasSize(1);
        assertThat(founder.statements.find("directive", "greeter")).isPresent();
        await().until(() -> bob.charters.present().equals(present));
        awaitHolds(bob, "greeter");
        bob.restart();
        assertThat(bob.statements.find("directive", "greeter")).isPresent();
        assertThat(bob.identity.members()).hasSize(2);
    }

    @Test
    void a_lone_founder_whose_key_is_lost_comes_back_by_both_codes() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        say(founder, "greeter", "run");
        awaitHolds(bob, "greeter");
        byte[] genesis = bob.identity.genesis();
        var lost = founder.swarm.id();
        founder.close();
        nodes.remove(founder);

        TestNode anew = node("anew");
        Multiaddr address = Multiaddr.parse(bob.swarm.addresses().getFirst() + "/p2p/" + bob.swarm.id());
        assertThatThrownBy(() -> anew.identity.recoverNetwork(genesis, address, "anew", code(0)))
                .isInstanceOf(IdentityException.class);
        assertThat(anew.identity.network()).isEmpty();

        anew.identity.recoverNetwork(genesis, address, "anew", codes);
        await().until(() -> bob.isConnectedTo(anew));
        assertThat(bob.charters.present().operators())
                .extracting(Charters.Operator::name)
                .contains("anew");
        awaitHolds(anew, "greeter");
        anew.charters.propose(new Change.Remove(lost, Keep.ALL, false), code(0));
        await().until(() -> bob.charters.present().operators().size() == 1);
        assertThat(bob.statements.find("directive", "greeter")).isPresent();
    }

    @Test
    void a_charter_is_signed_away_from_the_network_and_taken_back() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        Proposal alone = founder.charters.propose(new Change.Add("bob", bob.swarm.id()), List.of());
        byte[] file = founder.charters.export(alone.charter().hash());
        byte[] signed = Exported.signed(file, code(0)).file();
        assertThat(founder.charters.take(signed).missing()).isZero();
        assertThat(founder.charters.checkCode(codes.getFirst())).isTrue();
        assertThatThrownBy(() -> founder.charters.take(new byte[] {1, 2, 3})).isInstanceOf(IdentityException.class);
    }

    @Test
    void a_node_signs_no_second_charter_of_an_attempt_and_remembers_over_a_start() throws Exception {
        TestNode founder = founder();
        TestNode bob = joined(founder, "bob", Access.STANDARD);
        Proposal first = founder.charters.propose(new Change.Add("bob", bob.swarm.id()), List.of());
        assertThat(first.charter().attempt()).isEqualTo(1);
        founder.restart();
        founder.identity.alone();
        Proposal second = founder.charters.propose(new Change.Add("rob", bob.swarm.id()), List.of());
        assertThat(second.charter().attempt()).isEqualTo(2);
    }

    @Test
    void other_codes_take_the_place_of_those_that_there_are() throws Exception {
        TestNode founder = founder();
        assertThat(founder.charters.checkCode(codes.getFirst())).isTrue();
        List<Charters.RecoveryCode> fresh = founder.charters.newCodes(2);
        var change = new Change.Recovery(
                fresh.stream().map(Charters.RecoveryCode::key).toList());
        List<String> signing = List.of(codes.getFirst(), fresh.getFirst().words());
        assertThat(founder.charters.propose(change, signing).missing()).isZero();
        assertThat(founder.charters.checkCode(codes.getFirst())).isFalse();
        Proposal next = founder.charters.propose(
                new Change.Decide("directive", 1, null), List.of(fresh.getLast().words()));
        assertThat(next.missing()).isZero();
    }

    @Test
    void that_a_code_was_shown_is_remembered_over_a_start() throws Exception {
        TestNode founder = founder();
        var began = founder.charters.codeChecked();
        assertThat(founder.charters.checkCode(codes.getFirst())).isTrue();
        var shown = founder.charters.codeChecked();
        assertThat(shown).isAfterOrEqualTo(began);
        founder.restart();
        assertThat(founder.charters.codeChecked()).isEqualTo(shown);
    }

    @Test
    void a_proposal_is_signed_on_a_node_that_is_not_connected() throws Exception {
        TestNode founder = founder();
        TestNode bob = operator(founder, "bob");
        byte[] file;
        say(founder, "greeter", "run");
        file = founder.statements.export("directive", "greeter");
        assertThat(bob.statements.take(file)).extracting(Statement::key).containsExactly("greeter");
        bob.statements.approve("directive", "greeter");
        byte[] back = bob.statements.export("directive", "greeter");
        founder.statements.take(back);
        assertThat(founder.statements.find("directive", "greeter")).isPresent();
        assertThat(founder.statements.signedBy(bob.swarm.id()))
                .extracting(Statement::key)
                .contains("greeter");
        for (byte[] garbage : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[5 << 20])) {
            assertThatThrownBy(() -> founder.statements.take(garbage))
                    .isInstanceOf(IdentityException.class)
                    .hasMessageContaining("not exported");
        }
        assertThatThrownBy(() -> founder.statements.export("directive", "nothing"))
                .isInstanceOf(IdentityException.class);
    }

    @Test
    void what_was_said_before_the_pinned_charter_holds_after_a_restart() throws Exception {
        TestNode founder = founder();
        founder.statements.publish("note", "before", new byte[] {1}, Duration.ofDays(1));
        var next = founder.charters.propose(new Change.Decide("task", 1, null), List.of(codes.getFirst()));
        founder.charters.pin(next.charter().hash());
        founder.restart();
        assertThat(founder.statements.find("note", "before")).isPresent();
        assertThat(founder.identity.members()).anyMatch(m -> m.roles().contains("sclerotium"));
    }

    @Test
    void a_proposal_to_take_an_operator_out_takes_nothing_from_him_until_it_holds() throws Exception {
        TestNode founder = founder();
        TestNode bob = operator(founder, "bob");
        Proposal out = founder.charters.propose(new Change.Remove(bob.swarm.id(), Keep.ALL, false), List.of());
        assertThat(out.missing()).isEqualTo(1);
        assertThat(founder.identity.member(bob.swarm.id()).orElseThrow().roles())
                .containsExactly("hypha");
        assertThat(founder.charters.sign(out.charter().hash(), codes).missing()).isZero();
        await().until(() -> founder.identity
                .member(bob.swarm.id())
                .filter(member -> member.revoked())
                .isPresent());
    }
}
