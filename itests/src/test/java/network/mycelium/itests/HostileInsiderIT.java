package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.address;
import static network.mycelium.itests.TestNetwork.peer;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import network.mycelium.identity.Charters.Charter;
import network.mycelium.identity.provider.HostileMember;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a member of lowest access tries that stole keys, against nodes of the distribution: a founder, an operator
/// and a member, and a fourth one that lives in the test and says what no honest node says.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileInsiderIT {
    @TempDir
    static Path temp;

    private TestNetwork network;
    private NodeProcess founder;
    private NodeProcess bob;
    private NodeProcess member;
    private HostileMember hostile;
    private Envelopes founderKey;
    private Envelopes bobKey;

    @BeforeAll
    void make() throws Exception {
        network = new TestNetwork(temp);
        founder = network.founder();
        bob = network.member(founder, "bob");
        member = network.member(founder, "member");
        network.operators(List.of(founder, bob), "bob");
        founderKey = HostileMember.stolen(temp.resolve("founder/state/node.key"));
        bobKey = HostileMember.stolen(temp.resolve("bob/state/node.key"));
        hostile = new HostileMember(temp.resolve("hostile"));
        hostile.join(
                founder.send("network", "invite", "--access", "restricted")
                        .ok()
                        .out()
                        .strip(),
                "hostile");
        await().atMost(SOON).until(() -> hostile.hears(PeerId.parse(peer(founder))));
    }

    @AfterAll
    void close() throws Exception {
        hostile.close();
        network.close();
    }

    private List<String> directed(NodeProcess node) throws Exception {
        return rows(node, "network", "directives").stream()
                .map(row -> row.getString("component"))
                .toList();
    }

    private static List<JSONObject> members(NodeProcess node, String peer) throws Exception {
        return rows(node, "network", "members").stream()
                .filter(row -> row.getString("peer").equals(peer)
                        && row.getString("state").equals("member"))
                .toList();
    }

    /// Waits until the founder has heard what was told before, by something that it takes.
    private void heard(String component) {
        hostile.direct(component, hostile.charters().present(), founderKey);
        await().atMost(SOON).until(() -> directed(founder).contains(component));
    }

    @Test
    @Order(1)
    void what_a_member_of_lowest_access_says_counts_nowhere() throws Exception {
        Charter present = hostile.charters().present();
        Envelopes own = HostileMember.stolen(temp.resolve("hostile.key"));
        hostile.direct("mine", present, own);
        hostile.certify(hostile.id(), "hostile", present, own);
        heard("after-lowest");
        assertThat(directed(founder)).doesNotContain("mine");
        assertThat(members(founder, hostile.id().toString()))
                .singleElement()
                .matches(row -> row.getString("access").equals("restricted"));
    }

    @Test
    @Order(2)
    void a_second_rotation_of_a_replaced_key_does_not_take_the_identity() throws Exception {
        PeerId id = PeerId.parse(peer(member));
        Envelopes stolen = HostileMember.stolen(temp.resolve("member/state/node.key"));
        member.send("network", "rotate-key").ok();
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> !peer(member).equals(id.toString())
                        && member.send("network", "members").exit() == 0);
        String next = peer(member);
        await().atMost(SOON).until(() -> !members(founder, next).isEmpty());

        PeerId thief = HostileMember.key(77).self();
        hostile.rotateAgain(id, stolen, HostileMember.key(77));
        await().atMost(SOON)
                .until(() -> founder.send("network", "charter").ok().out().contains("Locked: two keys"));
        assertThat(members(founder, thief.toString())).isEmpty();
        founder.send("network", "recover", "member", next).ok();
        hostile.rotateAgain(id, stolen, HostileMember.key(77));
        heard("after-rotation");
        for (NodeProcess node : List.of(founder, bob)) {
            await().atMost(SOON).until(() -> !members(node, next).isEmpty());
            assertThat(members(node, thief.toString())).isEmpty();
        }
    }

    @Test
    @Order(3)
    void floods_of_half_signed_rotations_and_junk_signatures_stop_nobody() throws Exception {
        Envelopes own = HostileMember.stolen(temp.resolve("hostile.key"));
        for (int i = 0; i < 300; i++) {
            hostile.rotateHalf(PeerId.parse(peer(bob)), bobKey, HostileMember.key(1000 + i));
            hostile.rotateHalf(hostile.id(), own, HostileMember.key(1000 + i));
            hostile.junk("junk" + i, 64);
        }
        bob.send("network", "direct", "after-flood", "--force").ok();
        await().atMost(SOON).until(() -> directed(founder).contains("after-flood"));
        assertThat(rows(founder, "network", "proposals")).isEmpty();
        assertThat(members(founder, peer(bob))).hasSize(1);
    }

    @Test
    @Order(4)
    void nothing_renews_who_was_revoked() throws Exception {
        NodeProcess gone = network.member(founder, "gone");
        PeerId id = PeerId.parse(peer(gone));
        founder.send("network", "revoke", "gone").ok();
        Charter present = hostile.charters().present();
        hostile.renew(id, System.currentTimeMillis() + Duration.ofDays(80).toMillis(), present, bobKey);
        hostile.certify(id, "gone", present, bobKey);
        heard("after-renewal");
        assertThat(members(founder, id.toString())).isEmpty();
        assertThat(gone.send("p2p", "connect", address(founder)).exit()).isEqualTo(1);
    }

    @Test
    @Order(5)
    void one_operators_last_sequence_blocks_no_other() throws Exception {
        network.amend(List.of(founder, bob), "rule", "*", "2");
        await().atMost(SOON)
                .until(() -> hostile.charters().present().rules().stream()
                        .anyMatch(rule -> rule.kind().equals("*") && rule.operators() == 2));
        hostile.direct("greeter", hostile.charters().present(), bobKey);
        await().atMost(SOON).until(() -> !rows(founder, "network", "proposals").isEmpty());
        founder.send("network", "direct", "greeter").ok();
        await().atMost(SOON)
                .until(() -> bob.send("network", "proposals").ok().out().contains(peer(founder)));
        bob.send("network", "approve", "directive", "greeter").ok();
        await().atMost(SOON).until(() -> directed(founder).contains("greeter"));
        network.amend(List.of(founder, bob), "rule", "*", "1");
    }

    @Test
    @Order(6)
    void a_removed_operator_brings_nothing_new_whatever_it_is_dated() throws Exception {
        await().atMost(SOON)
                .until(() -> hostile.charters().present().rules().stream()
                        .anyMatch(rule -> rule.kind().equals("*") && rule.operators() == 1));
        Charter before = hostile.charters().present();
        String removed = peer(bob);
        founder.send("network", "charter", "remove", "bob", "--keep", "all", "--code", network.codes())
                .ok();
        await().atMost(SOON)
                .until(() -> hostile.charters().present().operators().size() == 1);
        PeerId fresh = HostileMember.key(88).self();
        hostile.direct("backdated", before, bobKey);
        hostile.direct("now", hostile.charters().present(), bobKey);
        hostile.certify(fresh, "fresh", before, bobKey);
        heard("after-removal");
        assertThat(directed(founder)).doesNotContain("backdated", "now").contains("after-flood");
        assertThat(members(founder, fresh.toString())).isEmpty();
        assertThat(members(founder, removed)).isEmpty();
        await().atMost(SOON)
                .until(() -> !founder.send("p2p", "peers").ok().out().contains(removed));
        assertThat(bob.send("network", "direct", "more", "--force").err()).contains("may not say that");
    }

    @Test
    @Order(7)
    void a_member_reaches_others_all_the_same() throws Exception {
        hostile.connect(
                PeerId.parse(peer(founder)), Multiaddr.parse(address(founder)).withoutPeer());
        assertThat(members(founder, peer(founder))).hasSize(1);
    }

    /// Each is read into memory whole, of which a node has 96 MiB.
    @Test
    @Order(8)
    void a_member_that_compares_statements_in_many_streams_does_not_fill_the_memory() throws Exception {
        PeerId peer = PeerId.parse(peer(founder));
        int comparisons = 30;
        assertThat(hostile.compareAtOnce(peer, comparisons, 3 << 20)).isLessThan(comparisons / 2);
        assertThat(hostile.compareAtOnce(peer, comparisons, 7 << 20)).isLessThan(comparisons / 2);
        assertThat(founder.send("node", "status").ok().out()).contains("heap");
        hostile.connect(peer, Multiaddr.parse(address(founder)).withoutPeer());
        await().atMost(SOON).until(() -> hostile.hears(peer));
        heard("after-comparisons");
    }
}
