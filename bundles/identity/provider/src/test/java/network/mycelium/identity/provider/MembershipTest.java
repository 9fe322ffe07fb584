package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MembershipTest extends TestNodes {
    private TestNode node() throws IOException {
        return node(Duration.ZERO);
    }

    private TestNode node(Duration clockAhead) throws IOException {
        return node("node" + nodes.size(), clockAhead);
    }

    private TestNode joined(TestNode founder) throws Exception {
        return joined(founder, "member" + (nodes.size() + 1), Access.STANDARD);
    }

    private static void assertRefused(Kind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable what) {
        assertThatThrownBy(what)
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void who_joins_by_ticket_is_a_member_on_every_node_and_talks_to_the_others() throws Exception {
        TestNode founder = founder();
        TestNode one = joined(founder);
        TestNode two = joined(founder);

        await().until(() -> one.identity.members().size() == 3);
        assertThat(two.identity.network()).isEqualTo(founder.identity.network());
        assertThat(one.swarm.ping(founder.swarm.id(), Duration.ofSeconds(5))).isPositive();
        one.swarm.connect(two.swarm.id(), two.swarm.addresses());
        assertThat(one.swarm.ping(two.swarm.id(), Duration.ofSeconds(5))).isPositive();
        assertThat(founder.identity.member(one.swarm.id()).orElseThrow())
                .matches(m -> m.name().equals("member2") && m.access() == Access.STANDARD && !m.revoked())
                .matches(m -> m.issuer().equals(founder.swarm.id()));
    }

    @Test
    void a_ticket_is_good_for_as_many_as_it_says_and_as_long_and_only_as_it_was_made() throws Exception {
        TestNode founder = founder();
        String once = founder.invite(1);
        node().identity.join(once, "first");
        assertRefused(Kind.DENIED, () -> node().identity.join(once, "second"));

        String old =
                founder.identity.invite(new Invitation(Access.STANDARD, List.of(), Map.of(), 1, Duration.ofMillis(1)));
        await().pollDelay(Duration.ofMillis(5)).until(() -> true);
        assertRefused(Kind.DENIED, () -> node().identity.join(old, "late"));

        String good = founder.invite(1);
        int middle = good.length() / 2;
        String forged =
                good.substring(0, middle) + (good.charAt(middle) == 'A' ? 'B' : 'A') + good.substring(middle + 1);
        assertRefused(Kind.INVALID, () -> node().identity.join(forged, "forger"));
        assertRefused(Kind.INVALID, () -> node().identity.join("hello", "lost"));
    }

    @Test
    void a_member_without_full_access_invites_nobody() throws Exception {
        TestNode member = joined(founder());
        assertRefused(Kind.DENIED, () -> member.invite(1));
    }

    @Test
    void an_operator_whom_the_charter_names_invites_others_and_no_ticket_makes_operators() throws Exception {
        TestNode founder = founder();
        TestNode operator = operator(founder, "operator");

        TestNode third = node();
        third.identity.join(operator.invite(1), "third");
        await().until(() -> founder.identity.member(third.swarm.id()).isPresent());
        assertRefused(Kind.INVALID, () -> operator.invite(1, Access.FULL));
        assertRefused(Kind.INVALID, () -> founder.invite(1, Access.FULL));
    }

    @Test
    void a_stranger_gets_nothing_but_a_refusal() throws Exception {
        TestNode founder = founder();
        TestNode stranger = node();
        try {
            stranger.swarm.connect(founder.swarm.id(), founder.swarm.addresses());
            stranger.swarm.ping(founder.swarm.id(), Duration.ofSeconds(20));
            throw new AssertionError("a stranger was answered");
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        await().until(() -> stranger.swarm.connections().isEmpty());
        assertThat(founder.swarm.connections()).isEmpty();
        assertThat(stranger.swarm.peer(founder.swarm.id()).orElseThrow().protocols())
                .isEmpty();
    }

    @Test
    void members_of_two_networks_do_not_talk_whoever_dials() throws Exception {
        TestNode one = founder();
        TestNode two = founder();

        assertThatThrownBy(() -> one.swarm.connect(two.swarm.id(), two.swarm.addresses()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> two.swarm.connect(one.swarm.id(), one.swarm.addresses()))
                .isInstanceOf(IOException.class);
        await().until(() ->
                one.swarm.connections().isEmpty() && two.swarm.connections().isEmpty());
    }

    @Test
    void a_revoked_member_is_cut_off_and_stays_out() throws Exception {
        TestNode founder = founder();
        TestNode one = joined(founder);
        TestNode two = joined(founder);
        two.swarm.connect(one.swarm.id(), one.swarm.addresses());

        founder.identity.revoke(two.swarm.id());

        await().until(() -> !founder.isConnectedTo(two) && !one.isConnectedTo(two));
        assertThatThrownBy(() -> {
                    two.swarm.connect(one.swarm.id(), one.swarm.addresses());
                    two.swarm.ping(one.swarm.id(), Duration.ofSeconds(5));
                })
                .isInstanceOf(IOException.class);
        assertThat(one.identity.member(two.swarm.id())).get().matches(Member::revoked);
        assertRefused(Kind.STATE, () -> two.identity.join(founder.invite(1), "again"));
    }

    @Test
    void membership_survives_a_restart() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder);
        Network network = member.identity.network().orElseThrow();

        member.identity.deactivate();
        member.swarm.disconnect(founder.swarm.id());
        member.boot();

        assertThat(member.identity.network()).contains(network);
        await().until(() -> member.isConnectedTo(founder));
        assertThat(member.identity.members()).hasSize(2);
    }

    @Test
    void what_a_node_said_comes_back_if_its_disk_had_no_room_for_it_among_the_others() throws Exception {
        TestNode founder = founder();
        Path documents = founder.folder.resolve("documents");
        byte[] before = Files.readAllBytes(documents);
        founder.statements.publish("directive", "greeter", "x".getBytes(UTF_8), Duration.ofDays(1));
        assertThat(Files.size(documents)).isGreaterThan(before.length);
        founder.identity.deactivate();
        Files.write(documents, before);

        founder.boot();

        assertThat(founder.statements.find("directive", "greeter")).isPresent();
    }

    @Test
    void a_clock_an_hour_off_is_no_obstacle() throws Exception {
        TestNode founder = founder();
        TestNode ahead = node(Duration.ofHours(1));
        TestNode behind = node(Duration.ofHours(-1));
        ahead.identity.join(founder.invite(1), "ahead");
        behind.identity.join(founder.invite(1), "behind");

        ahead.swarm.connect(behind.swarm.id(), behind.swarm.addresses());

        assertThat(ahead.swarm.ping(behind.swarm.id(), Duration.ofSeconds(5))).isPositive();
    }

    @Test
    void certificates_are_renewed_before_they_expire() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder);
        PeerId peer = member.swarm.id();
        Member before = founder.identity.member(peer).orElseThrow();
        nodes.forEach(TestNode::close);
        nodes.clear();

        Duration away = Certificates.LIFE.minus(CertificateRenewal.LEFT).plusDays(1);
        var later = new TestNode(founder.folder, away);
        nodes.add(later);
        later.identity.alone();
        await().until(() -> later.identity
                .member(peer)
                .orElseThrow()
                .expires()
                .isAfter(before.expires().plus(away.minusDays(1))));
        assertThat(later.identity.member(peer).orElseThrow())
                .matches(m -> m.name().equals(before.name()) && m.roles().equals(before.roles()));
        assertThat(later.identity.audit())
                .extracting(NetworkIdentity.AuditEntry::action)
                .contains("renew");
    }

    @Test
    void what_is_said_while_somebody_is_away_is_learned_when_he_is_back() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder);
        member.swarm.disconnect(founder.swarm.id());
        founder.swarm.disconnect(member.swarm.id());

        founder.statements.publish("directive", "greeter", "run it".getBytes(UTF_8), Duration.ofDays(1));
        member.swarm.connect(founder.swarm.id(), founder.swarm.addresses());

        await().until(() -> member.statements.find("directive", "greeter").isPresent());
    }

    @Test
    void members_hear_of_each_other_find_each_other_and_notice_who_dies() throws Exception {
        TestNode founder = founder();
        TestNode one = joined(founder);
        TestNode two = joined(founder);
        one.presence.report("ready".getBytes(UTF_8));

        await().until(() -> two.presence.present().stream()
                .anyMatch(p -> p.peer().equals(one.swarm.id()) && new String(p.report(), UTF_8).equals("ready")));
        await().until(() -> one.isConnectedTo(two));

        one.close();
        await().until(() -> two.presence.present().size() == 2);
    }

    @Test
    void a_member_whose_connection_breaks_is_missed_however_patient_one_is_with_silence() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder);
        try (var watch = patient(founder);
                var watched = patient(member)) {
            founder.swarm.listen(watch);
            await().until(() -> watch.present().size() == 2);
            watched.close();
            member.close();
            await().until(() -> watch.present().size() == 1);
        }
    }

    private HeardMembers patient(TestNode node) {
        var log = new AuditLog(temp.resolve("none"));
        var heads = new AuditHeads(log, node.envelopes, temp.resolve("no-heads"));
        return new HeardMembers(
                        node.swarm,
                        node.gossip.join("patient"),
                        peer -> true,
                        heads,
                        new BeatAges(null),
                        1,
                        node.clock,
                        Duration.ofHours(1))
                .start();
    }

    @Test
    void the_audit_log_tells_what_was_done_and_a_change_to_it_is_seen() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder);
        founder.statements.publish("directive", "greeter", new byte[0], Duration.ofDays(1));
        founder.identity.revoke(member.swarm.id());

        assertThat(founder.identity.audit())
                .extracting(entry -> entry.action())
                .containsExactly("init", "invite", "admit", "say", "revoke");

        Path log = founder.folder.resolve("audit.log");
        Files.writeString(log, Files.readString(log).replace("\tadmit\t", "\tdeny\t"));
        assertRefused(Kind.INVALID, founder.identity::audit);
    }

    @Test
    void an_audit_log_that_was_written_anew_does_not_agree_with_what_the_members_heard() throws Exception {
        TestNode founder = founder();
        joined(founder);
        await().until(() -> !founder.identity.checkAudit().isEmpty());
        assertThat(founder.identity.checkAudit()).allMatch(NetworkIdentity.AuditWitness::agrees);

        // As somebody with the key and the disk would: each line follows, and nothing is left of what was done.
        Path log = founder.folder.resolve("audit.log");
        Files.delete(log);
        var anew = new AuditLog(log);
        for (int i = 0; i < 10; i++) {
            anew.append(founder.clock.instant(), "say", "nothing");
        }
        assertThat(founder.identity.audit()).hasSize(10);
        assertThat(founder.identity.checkAudit()).anyMatch(witness -> !witness.agrees());
    }

    @Test
    void a_listener_that_is_slow_keeps_nobody_from_reading() throws Exception {
        TestNode founder = founder();
        var told = new CountDownLatch(1);
        var read = new CountDownLatch(1);
        try (var listening = founder.statements.listen(statement -> {
            told.countDown();
            try {
                assertThat(read.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        })) {
            assertThat(listening).isNotNull();
            Thread saying = Thread.startVirtualThread(() -> {
                try {
                    founder.statements.publish("directive", "greeter", new byte[0], Duration.ofDays(1));
                } catch (IdentityException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(founder.statements.find("directive", "greeter")).isPresent();
            read.countDown();
            saying.join();
        }
    }

    @Test
    void no_two_members_have_one_name() throws Exception {
        TestNode founder = founder();
        joined(founder, "bob", Access.STANDARD);
        TestNode other = node();
        assertRefused(Kind.DENIED, () -> other.identity.join(founder.invite(1), "Bob"));
        assertRefused(Kind.DENIED, () -> other.identity.join(founder.invite(1), "bob\u001b[2J"));
        other.identity.join(founder.invite(1), "bert");
        assertThat(founder.identity.members()).extracting(Member::name).contains("bob", "bert");
    }

    @Test
    void a_node_that_may_not_speak_yet_uses_no_ticket_up() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder, "member", Access.STANDARD);
        member.close();
        nodes.remove(member);
        founder.restart();
        String ticket = founder.invite(1);
        TestNode late = node("late");
        assertThatThrownBy(() -> late.identity.join(ticket, "late"))
                .isInstanceOf(IdentityException.class)
                .hasMessageContaining("has not compared");
        founder.identity.alone();
        late.identity.join(ticket, "late");
        assertThat(founder.identity.members()).anyMatch(m -> m.name().equals("late"));
    }

    @Test
    void who_shows_a_ticket_of_its_own_making_learns_that_alone() throws Exception {
        TestNode founder = founder();
        TestNode other = founder();
        String own = other.invite(1);
        TestNode stranger = node("stranger");
        var connection = stranger.swarm.connect(founder.swarm.id(), founder.swarm.addresses());
        assertThatThrownBy(() -> JoinProtocol.ask(connection, own, "founder"))
                .isInstanceOf(IdentityException.class)
                .hasMessageContaining("made by another node");
    }
}
