package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.NodeEnvelopes;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What members try who have keys, theirs or stolen ones, and what comes of it: documents that no honest node
/// makes, told by gossip as all others.
@Timeout(120)
class HostileInsiderTest extends TestNodes {
    private static final Duration DAY = Duration.ofDays(1);
    private static final byte[] BODY = "x".getBytes(UTF_8);

    private Topic topic;
    private Forger forger;
    private TestNode founder;

    /// A network of a founder and a member that tells what it likes.
    private TestNode hostile() throws Exception {
        founder = founder();
        TestNode hostile = joined(founder, "hostile", Access.RESTRICTED);
        String network = founder.identity.network().orElseThrow().id();
        forger = new Forger(network);
        topic = hostile.gossip.join("/mycelium/%s/statements".formatted(network));
        await().until(() -> topic.peers().contains(founder.swarm.id()));
        return hostile;
    }

    /// Tells it, and then something that is taken, so that it was heard before.
    private void tell(byte[]... items) throws Exception {
        for (byte[] item : items) {
            topic.publish(item);
        }
    }

    private static Register directive(String key) {
        return new Register("directive", key);
    }

    private Charters.Charter charter() {
        return founder.charters.present();
    }

    /// Waits until the founder has heard all that was told before, by something of another operator's that it takes.
    private void heard(Envelopes operator, String key) throws Exception {
        topic.publish(forger.statement(directive(key), charter(), 1, 1, BODY, operator));
        await().until(() -> founder.statements.find("directive", key).isPresent()
                || founder.statements.proposals().stream().anyMatch(s -> s.key().equals(key)));
    }

    private static Envelopes keyOf(TestNode node) throws IOException {
        return new NodeEnvelopes(
                NodeKey.parse(Files.readAllBytes(node.folder.resolveSibling(node.folder.getFileName() + ".key"))));
    }

    @Test
    void a_key_that_was_replaced_does_not_take_the_identity_back() throws Exception {
        TestNode hostile = hostile();
        TestNode owner = joined(founder, "owner", Access.STANDARD);
        PeerId id = owner.swarm.id();
        Envelopes stolen = keyOf(owner);
        PeerId next = owner.identity.rotateKey(List.of());
        owner.restart();
        await().until(() ->
                founder.identity.member(next).filter(m -> m.peer().equals(next)).isPresent());

        Envelopes thief = Keys.envelopes(77);
        tell(forger.rotation(id.toString(), 1, stolen, thief, stolen, thief));
        // Two successors: neither counts, whichever came first; one human act ends that.
        await().until(() -> !founder.charters.alarms().isEmpty());
        assertThat(founder.identity.members()).noneMatch(m -> m.peer().equals(thief.self()));
        founder.identity.recover(id, next);
        assertThat(founder.identity.member(next).orElseThrow())
                .matches(m -> m.peer().equals(next) && m.name().equals("owner"));
        tell(forger.rotation(id.toString(), 2, stolen, thief, stolen, thief));
        heard(keyOf(founder), "after");
        assertThat(founder.identity.member(next).orElseThrow().peer()).isEqualTo(next);
        assertThat(hostile.identity.members()).noneMatch(m -> m.peer().equals(thief.self()));
    }

    @Test
    void an_operator_who_confirmed_a_key_leaves_nothing_to_the_old_one() throws Exception {
        hostile();
        TestNode owner = joined(founder, "owner", Access.STANDARD);
        PeerId id = owner.swarm.id();
        Envelopes stolen = keyOf(owner);
        PeerId next = owner.identity.rotateKey(List.of());
        owner.restart();
        await().until(() ->
                founder.identity.member(next).filter(m -> m.peer().equals(next)).isPresent());
        founder.identity.confirm(next);

        Envelopes thief = Keys.envelopes(77);
        tell(forger.rotation(id.toString(), 1, stolen, thief, stolen, thief));
        heard(keyOf(founder), "after");
        assertThat(founder.charters.alarms()).isEmpty();
        assertThat(founder.identity.member(next).orElseThrow().peer()).isEqualTo(next);
    }

    @Test
    void an_operator_who_was_taken_out_brings_nothing_new_whatever_date_it_bears() throws Exception {
        hostile();
        TestNode bob = operator(founder, "bob");
        Charters.Charter before = charter();
        Envelopes key = keyOf(bob);
        founder.charters.propose(new Change.Decide("*", 1, null), codes);
        Charters.Charter alone = charter();
        founder.charters.propose(new Change.Remove(bob.swarm.id(), Keep.ALL, false), codes);
        assertThat(charter().operators()).hasSize(1);

        PeerId fresh = Keys.envelopes(88).self();
        byte[] certificate = new Terms(network.mycelium.node.command.Access.FULL, List.of(), java.util.Map.of())
                .certificate(1, NodeSigner.key(fresh), "fresh")
                .toBytes();
        tell(
                forger.statement(directive("backdated"), alone, 1, 1, BODY, key),
                forger.statement(directive("older"), before, Fields.MAX_UINT32, 1, BODY, key),
                forger.statement(directive("now"), charter(), 1, 1, BODY, key),
                forger.statement(Register.member(fresh.toString()), alone, 1, 1, certificate, key));
        heard(keyOf(founder), "after");
        assertThat(founder.statements.of("directive")).noneMatch(s -> !s.key().equals("after"));
        assertThat(founder.statements.proposals()).isEmpty();
        assertThat(founder.identity.member(fresh)).isEmpty();
    }

    @Test
    void a_lone_proposal_of_the_last_sequence_blocks_nobody() throws Exception {
        hostile();
        TestNode bob = operator(founder, "bob");
        tell(forger.statement(directive("greeter"), charter(), Fields.MAX_UINT32, 1, BODY, keyOf(bob)));
        await().until(() -> founder.statements.proposals().size() == 1);

        TestNode carol = joined(founder, "carol", Access.STANDARD);
        var proposal = founder.charters.propose(new Change.Add("carol", carol.swarm.id()), codes);
        await().until(() -> carol.charters.proposals().size() == 1 || proposal.missing() == 0);
        if (proposal.missing() > 0) {
            carol.charters.sign(proposal.charter().hash(), List.of());
        }
        await().until(() -> founder.charters.present().operators().size() == 3);
        founder.statements.publish("directive", "greeter", BODY, DAY);
        await().until(() ->
                carol.statements.proposals().stream().anyMatch(s -> s.signers().contains(founder.swarm.id())));
        carol.statements.approve("directive", "greeter");
        await().until(() -> founder.statements.find("directive", "greeter").isPresent());
    }

    @Test
    void floods_of_half_signed_rotations_and_junk_signatures_keep_nobody_from_directing() throws Exception {
        TestNode hostile = hostile();
        TestNode bob = operator(founder, "bob");
        String id = hostile.swarm.id().toString();
        Envelopes own = keyOf(hostile);
        for (int i = 0; i < 300; i++) {
            Envelopes next = Keys.envelopes(2000 + i);
            tell(
                    forger.rotation(bob.swarm.id().toString(), 1, keyOf(bob), next, next),
                    forger.rotation(id, 1, own, next, own),
                    Forger.junk(forger.statement(directive("junk" + i), charter(), 1, 1, BODY, own), 64));
        }
        founder.statements.publish("directive", "greeter", BODY, DAY);
        await().until(() ->
                bob.statements.proposals().stream().anyMatch(s -> s.key().equals("greeter")));
        bob.statements.approve("directive", "greeter");
        await().until(() -> founder.statements.find("directive", "greeter").isPresent());
        assertThat(founder.statements.proposals()).isEmpty();
        assertThat(founder.charters.alarms()).isEmpty();
    }

    @Test
    void a_revocation_is_final_whatever_is_renewed_at_once() throws Exception {
        hostile();
        TestNode bob = operator(founder, "bob");
        TestNode gone = joined(founder, "gone", Access.STANDARD);
        String id = gone.swarm.id().toString();
        founder.identity.revoke(gone.swarm.id());
        long far = founder.clock.millis() + Duration.ofDays(80).toMillis();
        byte[] restated = new Terms(network.mycelium.node.command.Access.STANDARD, List.of(), java.util.Map.of())
                .certificate(1, NodeSigner.key(gone.swarm.id()), "gone")
                .toBytes();
        tell(
                forger.statement(
                        Register.renewal(id),
                        charter(),
                        Fields.MAX_UINT32,
                        1,
                        new Renewal(1, far).toBytes(),
                        keyOf(bob)),
                forger.statement(Register.member(id), charter(), Fields.MAX_UINT32, 1, restated, keyOf(bob)));
        heard(keyOf(bob), "after");
        assertThat(founder.identity.members()).noneMatch(m -> m.name().equals("gone") && !m.revoked());
        assertThatThrownBy(() -> gone.swarm.ping(founder.swarm.id(), Duration.ofSeconds(2)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void one_operator_takes_no_other_out_and_makes_none() throws Exception {
        hostile();
        TestNode bob = operator(founder, "bob");
        Envelopes key = keyOf(bob);
        var tip = network.mycelium.identity.core.document.Document.charter(charterBytes(founder));
        List<Operator> both = tip.content().operators();
        List<Operator> usurp = both.stream().filter(o -> o.name().equals("bob")).toList();
        List<Operator> more = new ArrayList<>(both);
        more.add(new Operator("second", NodeSigner.key(Keys.envelopes(99).self()), 2));
        tell(
                forger.charter(tip, usurp, 1, key),
                forger.charter(tip, more, 2, key, Keys.envelopes(99)),
                forger.statement(
                        Register.member(founder.swarm.id().toString()),
                        charter(),
                        Fields.MAX_UINT32,
                        1,
                        Member.revoked(1).toBytes(),
                        key));
        await().until(() -> founder.charters.proposals().size() == 2);
        assertThat(charter().operators()).hasSize(2);
        assertThat(founder.identity.member(founder.swarm.id()).orElseThrow().access())
                .isEqualTo(Access.FULL);
        founder.invite(1);
    }

    /// The bytes of the charter that holds, out of what the founder keeps.
    private static byte[] charterBytes(TestNode node) throws Exception {
        byte[] exported = node.charters.export(node.charters.present().hash());
        return Exported.items(exported).stream()
                .filter(network.mycelium.identity.core.document.Item.OfCharter.class::isInstance)
                .map(item -> ((network.mycelium.identity.core.document.Item.OfCharter) item)
                        .signed()
                        .document())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_member_of_lowest_access_says_nothing() throws Exception {
        TestNode hostile = hostile();
        Envelopes own = keyOf(hostile);
        byte[] full = new Terms(network.mycelium.node.command.Access.FULL, List.of(), java.util.Map.of())
                .certificate(1, NodeSigner.key(hostile.swarm.id()), "hostile")
                .toBytes();
        tell(
                forger.statement(directive("mine"), charter(), 1, 1, BODY, own),
                forger.statement(Register.member(hostile.swarm.id().toString()), charter(), 2, 1, full, own),
                forger.statement(
                        Register.member(founder.swarm.id().toString()),
                        charter(),
                        2,
                        1,
                        Member.revoked(1).toBytes(),
                        own));
        heard(keyOf(founder), "after");
        assertThat(founder.statements.of("directive")).hasSize(1);
        assertThat(founder.statements.proposals()).isEmpty();
        assertThat(founder.identity.member(hostile.swarm.id()).orElseThrow().access())
                .isEqualTo(Access.RESTRICTED);
        assertThatThrownBy(() -> hostile.statements.publish("directive", "mine", BODY, DAY))
                .hasMessageContaining("may not say that");
    }
}
