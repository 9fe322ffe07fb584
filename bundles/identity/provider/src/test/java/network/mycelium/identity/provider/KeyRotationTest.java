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
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Member;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nodes get other keys, and lose them.
@Timeout(120)
class KeyRotationTest extends TestNodes {
    private static final Duration DAY = Duration.ofDays(1);

    private static void connect(TestNode from, TestNode to) throws IOException {
        from.swarm.connect(to.swarm.id(), to.swarm.addresses());
    }

    private static void awaitMember(TestNode at, TestNode who) {
        await().until(() ->
                at.identity.members().stream().anyMatch(m -> m.peer().equals(who.swarm.id()) && !m.revoked()));
    }

    @Test
    void a_member_keeps_what_it_is_under_another_key_and_the_old_one_opens_nothing() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder, "member", Access.STANDARD);
        PeerId old = member.swarm.id();
        Files.copy(temp.resolve("member.key"), temp.resolve("thief.key"));
        copy(member.folder, temp.resolve("thief"));

        PeerId next = member.identity.rotateKey(List.of());
        member.restart();
        assertThat(member.swarm.id()).isEqualTo(next).isNotEqualTo(old);
        connect(member, founder);
        awaitMember(founder, member);
        assertThat(founder.identity.member(next).orElseThrow())
                .matches(m -> m.name().equals("member") && m.roles().equals(List.of("hypha")))
                .matches(m -> m.formerKeys().equals(List.of(old)));
        assertThat(founder.identity.members()).hasSize(2);
        assertThat(founder.swarm.ping(next, Duration.ofSeconds(5))).isPositive();

        TestNode thief = node("thief");
        assertThat(thief.swarm.id()).isEqualTo(old);
        assertThatThrownBy(() -> {
                    connect(thief, founder);
                    thief.swarm.ping(founder.swarm.id(), Duration.ofSeconds(5));
                })
                .isInstanceOf(IOException.class);

        // Again, and whoever joins now learns of all of them.
        PeerId third = member.identity.rotateKey(List.of());
        member.restart();
        connect(member, founder);
        TestNode late = joined(founder, "late", Access.STANDARD);
        assertThat(late.identity.member(third).orElseThrow().formerKeys()).containsExactly(next, old);
        connect(late, member);
        assertThat(late.swarm.ping(third, Duration.ofSeconds(5))).isPositive();
    }

    @Test
    void a_founder_goes_on_under_another_key_and_what_it_signed_holds() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder, "member", Access.STANDARD);
        founder.statements.publish("directive", "before", "1".getBytes(UTF_8), DAY);
        await().until(() -> member.statements.find("directive", "before").isPresent());
        member.identity.deactivate();

        founder.identity.rotateKey(codes);
        founder.restart();
        founder.identity.alone();
        founder.statements.publish("directive", "after", "2".getBytes(UTF_8), DAY);
        // Whoever was away learns of the key by the proof of the connection.
        member.boot();
        connect(founder, member);
        await().until(() -> member.statements.find("directive", "after").isPresent());
        assertThat(member.statements.find("directive", "before")).isPresent();

        TestNode late = operator(founder, "late");
        assertThat(late.statements.of("directive")).extracting(Statement::key).containsExactly("after", "before");
        assertThat(late.identity.members()).extracting(Member::name).contains("founder", "member", "late");
        late.restart();
        assertThat(late.identity.members()).hasSize(3);
        late.statements.publish("directive", "operator", "3".getBytes(UTF_8), DAY);
    }

    @Test
    void a_node_that_is_killed_while_it_gets_another_key_has_either_and_is_believed() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder, "member", Access.STANDARD);
        PeerId old = member.swarm.id();

        // Killed once the next key lies beside the present one.
        member.keys.prepare();
        member.restart();
        assertThat(member.swarm.id()).isEqualTo(old);

        assertThatThrownBy(() -> killed(member, true).rotateKey(List.of())).isInstanceOf(Killed.class);
        member.restart();
        assertThat(member.swarm.id()).isEqualTo(old);
        assertThat(member.folder.resolve("rotation")).doesNotExist();
        connect(member, founder);
        await().until(() -> founder.isConnectedTo(member));
        assertThat(founder.swarm.ping(old, Duration.ofSeconds(5))).isPositive();

        assertThatThrownBy(() -> killed(member, false).rotateKey(List.of())).isInstanceOf(Killed.class);
        member.restart();
        assertThat(member.swarm.id()).isNotEqualTo(old);
        connect(member, founder);
        awaitMember(founder, member);
        assertThat(founder.identity.member(member.swarm.id()).orElseThrow().formerKeys())
                .containsExactly(old);
        member.restart();
        assertThat(member.folder.resolve("rotation")).doesNotExist();
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// The node, dying as its key is replaced.
    private static IdentityProvider killed(TestNode node, boolean before) throws IOException {
        node.identity.deactivate();
        node.boot(new NodeKeys() {
            @Override
            public Envelopes prepare() throws IOException {
                return node.keys.prepare();
            }

            @Override
            public void adopt() throws IOException {
                if (!before) {
                    node.keys.adopt();
                }
                throw new Killed();
            }
        });
        return node.identity;
    }

    @Test
    void a_member_that_lost_its_key_comes_back_as_who_it_was() throws Exception {
        TestNode founder = founder();
        TestNode member = joined(founder, "member", Access.LIMITED);
        PeerId lost = member.swarm.id();
        member.close();
        nodes.remove(member);

        TestNode anew = node("anew");
        founder.identity.recover(lost, anew.swarm.id());
        anew.identity.join(founder.invite(1), "whatever");
        assertThat(anew.identity.member(anew.swarm.id()).orElseThrow())
                .matches(m -> m.name().equals("member") && m.access() == Access.LIMITED)
                .matches(m -> m.formerKeys().equals(List.of(lost)));
        assertThat(anew.swarm.ping(founder.swarm.id(), Duration.ofSeconds(5))).isPositive();
        assertThatThrownBy(() -> anew.identity.recover(founder.swarm.id(), lost))
                .isInstanceOfSatisfying(
                        IdentityException.class, e -> assertThat(e.kind()).isEqualTo(IdentityException.Kind.DENIED));
    }

    @Test
    void an_operator_that_lost_its_key_is_given_another_by_the_rest_and_a_code() throws Exception {
        TestNode founder = founder();
        TestNode other = operator(founder, "other");
        founder.statements.publish("directive", "before", "1".getBytes(UTF_8), DAY);
        await().until(() -> !other.statements.proposals().isEmpty());
        other.statements.approve("directive", "before");
        PeerId lost = founder.swarm.id();
        founder.close();
        nodes.remove(founder);

        TestNode anew = node("anew");
        var proposal = other.charters.propose(
                new Charters.Change.Replace(lost, anew.swarm.id(), Charters.Keep.ALL), List.of(codes.getFirst()));
        assertThat(proposal.missing()).isZero();
        assertThat(other.statements.find("directive", "before")).isPresent();
        anew.identity.join(other.invite(1), "anew");
        assertThat(anew.identity.member(anew.swarm.id()).orElseThrow())
                .matches(m -> m.access() == Access.FULL && m.name().equals("founder"));
        anew.invite(1);
        assertThat(other.identity.members()).noneMatch(m -> m.peer().equals(lost));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
