package network.mycelium.libp2p.core.gossip;

import static network.mycelium.libp2p.core.gossip.RouterFixture.TOPIC;
import static network.mycelium.libp2p.core.gossip.RouterFixture.id;
import static network.mycelium.libp2p.core.gossip.RouterFixture.message;
import static network.mycelium.libp2p.core.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.Rpc.Have;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import org.junit.jupiter.api.Test;

/// What the router takes of peers, and how much of it.
class GossipRouterTest {
    private static final GossipConfig CONFIG = GossipConfig.DEFAULT;

    private final RouterFixture fixture = new RouterFixture();
    private final GossipRouter router = fixture.router;

    private void join(int peers) {
        router.join(TOPIC, fixture.now);
        fixture.connect(1, 1 + peers, true);
    }

    private void send(int from, GossipMessage message) {
        fixture.receive(from, rpc -> rpc.messages().add(message));
    }

    @Test
    void topics_of_a_peer_are_noted_while_there_is_room_for_their_number_and_bytes() {
        router.connected(peer(1), true, true, "");
        String longest = "x".repeat(1000);
        for (int i = 0; i < 300; i++) {
            String topic = longest + i;
            fixture.receive(1, rpc -> rpc.subscriptions().add(new Subscription(true, topic)));
        }
        assertThat(router.followers(longest + 0)).hasSize(1);
        assertThat(router.followers(longest + 31)).hasSize(1);
        assertThat(router.followers(longest + 32)).isEmpty();

        // What it gives up makes room for another.
        fixture.receive(1, rpc -> rpc.subscriptions().add(new Subscription(false, longest + 0)));
        fixture.receive(1, rpc -> rpc.subscriptions().add(new Subscription(true, longest + 299)));
        assertThat(router.followers(longest + 299)).hasSize(1);
        assertThat(router.followers(longest + 0)).isEmpty();
    }

    @Test
    void nothing_of_a_graylisted_peer_is_verified() {
        join(2);
        fixture.genuine = false;
        List<GossipMessage> forged = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            forged.add(message(9, i, 10));
        }
        fixture.receive(1, rpc -> rpc.messages().addAll(forged));
        // Within the RPC too: the fifth is not looked at any more.
        assertThat(fixture.verified).isEqualTo(5);
        assertThat(router.listensTo(peer(1))).isFalse();
        assertThat(router.listensTo(peer(2))).isTrue();

        send(1, message(9, 1000, 10));
        assertThat(fixture.verified).isEqualTo(5);
    }

    @Test
    void what_a_peer_does_not_want_is_not_sent_to_it_and_only_so_much_is_remembered() {
        join(2);
        String wanted = message(9, 1, 10).id();
        fixture.receive(2, rpc -> {
            rpc.dontWant().add("x".repeat(GossipMessage.MAX_ID + 1));
            rpc.dontWant().add(wanted);
        });
        fixture.sent.clear();
        send(1, message(9, 1, 10));
        send(1, message(9, 2, 10));
        assertThat(fixture.sent(2))
                .singleElement()
                .satisfies(rpc -> assertThat(rpc.messages()).containsExactly(fixture.delivered.get(1)));

        // Beyond the bound of a heartbeat nothing is taken.
        fixture.heartbeats(1);
        fixture.receive(2, rpc -> {
            for (int i = 0; i < CONFIG.maxIdontwantIds(); i++) {
                rpc.dontWant().add("id" + i);
            }
            rpc.dontWant().add(message(9, 3, 10).id());
        });
        fixture.sent.clear();
        send(1, message(9, 3, 10));
        assertThat(fixture.sent(2)).hasSize(1);
    }

    @Test
    void own_messages_that_come_back_are_neither_delivered_nor_passed_on_nor_held_against_anybody() {
        join(2);
        fixture.sent.clear();
        send(1, message(0, 77, 10));
        assertThat(fixture.delivered).isEmpty();
        assertThat(fixture.sent).isEmpty();
        assertThat(fixture.score(1)).isZero();
    }

    @Test
    void others_hear_that_a_large_message_is_not_wanted_only_if_its_author_signed_it() {
        join(3);
        fixture.heartbeats(1);
        GossipMessage large = message(9, 1, CONFIG.idontwantBytes());
        fixture.genuine = false;
        fixture.sent.clear();
        send(1, large);
        assertThat(fixture.sent(2)).isEmpty();

        fixture.genuine = true;
        send(2, large);
        assertThat(fixture.sent(3))
                .anySatisfy(rpc -> assertThat(rpc.dontWant()).containsExactly(large.id()))
                .anySatisfy(rpc -> assertThat(rpc.messages()).containsExactly(large));
        assertThat(fixture.delivered).containsExactly(large);
    }

    @Test
    void what_the_application_has_not_judged_yet_waits_and_counts_as_seen() {
        join(3);
        fixture.heartbeats(1);
        fixture.answers = false;
        fixture.sent.clear();
        GossipMessage good = message(9, 1, 10);
        GossipMessage bad = message(9, 2, 10);
        send(1, good);
        send(2, good);
        send(1, bad);
        assertThat(fixture.verified).isEqualTo(2);
        assertThat(fixture.delivered).isEmpty();
        assertThat(fixture.sent).isEmpty();
        assertThat(fixture.router.counts(TOPIC).duplicates()).isEqualTo(1);

        fixture.router.checked(good, peer(1), Verdict.ACCEPT);
        assertThat(fixture.delivered).containsExactly(good);
        assertThat(fixture.sent(3))
                .singleElement()
                .satisfies(rpc -> assertThat(rpc.messages()).containsExactly(good));
        assertThat(fixture.sent(1)).isEmpty();

        double before = fixture.score(1);
        fixture.router.checked(bad, peer(1), Verdict.REJECT);
        assertThat(fixture.score(1)).isLessThan(before);
        assertThat(fixture.router.counts(TOPIC).rejected()).isEqualTo(1);
        assertThat(fixture.delivered).containsExactly(good);
    }

    @Test
    void what_is_judged_too_late_goes_nowhere() {
        join(3);
        fixture.heartbeats(1);
        fixture.answers = false;
        GossipMessage first = message(9, 1, 10);
        GossipMessage second = message(9, 2, 10);
        send(1, first);
        send(1, second);
        fixture.router.disconnected(peer(1), fixture.now);
        fixture.sent.clear();
        fixture.router.checked(first, peer(1), Verdict.ACCEPT);
        assertThat(fixture.sent(2)).hasSize(1);
        fixture.router.leave(TOPIC, fixture.now);
        fixture.sent.clear();
        fixture.router.checked(second, peer(1), Verdict.ACCEPT);
        assertThat(fixture.sent).isEmpty();
        assertThat(fixture.delivered).containsExactly(first);
    }

    @Test
    void messages_of_any_number_of_topics_can_be_told_of_in_one_rpc() {
        for (int i = 0; i < 40; i++) {
            router.join("topic" + i, fixture.now);
        }
        router.connected(peer(1), true, true, "");
        fixture.sent.clear();
        fixture.receive(1, rpc -> {
            for (int i = 0; i < 40; i++) {
                rpc.have().add(new Have("topic" + i, List.of(id(i))));
            }
        });
        assertThat(fixture.sent(1))
                .singleElement()
                .satisfies(rpc -> assertThat(rpc.want()).hasSize(40));
    }

    @Test
    void in_a_heartbeat_a_peer_tells_so_often_and_is_asked_for_so_much() {
        join(1);
        fixture.sent.clear();
        for (int i = 0; i <= CONFIG.maxIhaveMessages(); i++) {
            fixture.tell(1, id(i));
        }
        assertThat(fixture.sent(1)).hasSize(CONFIG.maxIhaveMessages());

        fixture.heartbeats(1);
        fixture.sent.clear();
        String[] many = new String[CONFIG.maxIhaveIds() + 1];
        for (int i = 0; i < many.length; i++) {
            many[i] = id(1000 + i);
        }
        fixture.tell(1, many);
        fixture.tell(1, id(99_999));
        fixture.tell(1, "x".repeat(GossipMessage.MAX_ID + 1));
        assertThat(fixture.sent(1))
                .singleElement()
                .satisfies(rpc -> assertThat(rpc.want()).hasSize(CONFIG.maxIhaveIds()));
    }

    @Test
    void an_answer_goes_out_in_rpcs_that_others_take() {
        join(1);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            GossipMessage message = message(0, i, 300_000);
            router.publish(message, fixture.now);
            ids.add(message.id());
        }
        fixture.sent.clear();
        fixture.receive(1, rpc -> rpc.want().addAll(ids));

        List<Rpc> answers = fixture.sent(1);
        assertThat(answers.stream().mapToInt(rpc -> rpc.messages().size()).sum())
                .isEqualTo(20);
        assertThat(answers).allSatisfy(rpc -> assertThat(rpc.bytes().length).isLessThan(1 << 20));
        assertThat(answers).hasSizeLessThan(10);
    }
}
