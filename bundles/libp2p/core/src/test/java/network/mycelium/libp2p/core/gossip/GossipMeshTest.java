package network.mycelium.libp2p.core.gossip;

import static network.mycelium.libp2p.core.gossip.RouterFixture.TOPIC;
import static network.mycelium.libp2p.core.gossip.RouterFixture.id;
import static network.mycelium.libp2p.core.gossip.RouterFixture.message;
import static network.mycelium.libp2p.core.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is in a mesh: back-off, degrees, outbound quota, opportunistic grafting, promises, leaving (gossipsub v1.1).
class GossipMeshTest {
    private static final GossipConfig CONFIG = GossipConfig.DEFAULT;

    private final RouterFixture fixture = new RouterFixture();
    private final GossipRouter router = fixture.router;

    private void join() {
        router.join(TOPIC, fixture.now);
    }

    @Test
    void who_was_pruned_by_a_peer_grafts_it_again_only_after_the_back_off() {
        join();
        fixture.connect(1, 2, true);
        assertThat(fixture.isInMesh(1)).isTrue();
        fixture.prune(1, 20);
        long grafts = fixture.grafts(1);

        fixture.heartbeats(19);
        assertThat(fixture.isInMesh(1)).isFalse();
        assertThat(fixture.grafts(1)).isEqualTo(grafts);

        fixture.heartbeats(2);
        assertThat(fixture.isInMesh(1)).isTrue();
        assertThat(fixture.grafts(1)).isEqualTo(grafts + 1);
    }

    @Test
    void a_prune_that_names_no_back_off_or_a_century_is_kept_to_for_a_minute_or_an_hour() {
        join();
        fixture.connect(1, 3, true);
        fixture.prune(1, 0);
        fixture.prune(2, Long.MAX_VALUE);

        fixture.heartbeats(61);
        assertThat(fixture.isInMesh(1)).isTrue();
        assertThat(fixture.isInMesh(2)).isFalse();

        fixture.heartbeats(3540);
        assertThat(fixture.isInMesh(2)).isTrue();
    }

    @Test
    void who_grafts_within_its_back_off_is_pruned_again_and_blamed_for_each_time() {
        join();
        fixture.connect(1, 2, false);
        fixture.prune(1, 60);
        int threshold = (int) ScoreConfig.DEFAULT.behaviourThreshold();
        for (int i = 0; i < threshold; i++) {
            fixture.graft(1);
        }
        assertThat(fixture.score(1)).isZero();
        assertThat(fixture.prunes(1)).hasSize(threshold);

        fixture.graft(1);
        fixture.graft(1);
        assertThat(fixture.score(1)).isEqualTo(4 * ScoreConfig.DEFAULT.behaviour());
        assertThat(fixture.isInMesh(1)).isFalse();
    }

    @Test
    void a_full_mesh_refuses_whoever_dialled_in_and_takes_whom_it_dialled_itself() {
        join();
        fixture.connect(1, 10, false);
        fixture.connect(10, 11, true);
        for (int i = 1; i < 10; i++) {
            fixture.graft(i);
        }
        assertThat(router.mesh(TOPIC)).hasSize(CONFIG.dHigh());
        assertThat(fixture.prunes(9)).hasSize(1);

        fixture.graft(10);
        assertThat(fixture.isInMesh(10)).isTrue();
    }

    @Test
    void a_mesh_that_is_too_large_shrinks_to_its_degree_and_keeps_an_outbound_peer() {
        join();
        fixture.connect(1, 7, false);
        fixture.connect(7, 8, true);
        for (int i = 1; i < 8; i++) {
            fixture.graft(i);
        }
        assertThat(router.mesh(TOPIC)).hasSize(CONFIG.dHigh() + 1);

        fixture.heartbeats(1);

        assertThat(router.mesh(TOPIC)).hasSize(CONFIG.d()).contains(peer(7));
        assertThat(fixture.prunes(1).size() + fixture.prunes(2).size()).isLessThanOrEqualTo(2);
    }

    @Test
    void a_mesh_of_those_who_dialled_in_takes_an_outbound_peer_though_it_lacks_nobody() {
        join();
        fixture.connect(1, 1 + CONFIG.d(), false);
        for (int i = 1; i <= CONFIG.d(); i++) {
            fixture.graft(i);
        }
        fixture.connect(20, 21, true);
        assertThat(fixture.isInMesh(20)).isFalse();

        fixture.heartbeats(1);
        assertThat(fixture.isInMesh(20)).isTrue();
    }

    @Test
    void a_mesh_of_peers_that_give_little_gets_better_ones_once_a_minute() {
        join();
        fixture.connect(1, 1 + CONFIG.d(), true);
        for (int i = 1; i <= CONFIG.d(); i++) {
            fixture.graft(i);
        }
        fixture.connect(20, 23, true);
        for (int i = 20; i < 23; i++) {
            // They are asked for it, and so the first to deliver.
            for (int k = 0; k < 40; k++) {
                GossipMessage message = message(i, k, 10);
                fixture.receive(i, rpc -> rpc.messages().add(message));
            }
        }
        fixture.heartbeats(CONFIG.opportunisticGraftTicks() - 1);
        assertThat(router.mesh(TOPIC)).hasSize(CONFIG.d());

        fixture.heartbeats(1);

        assertThat(router.mesh(TOPIC)).hasSize(CONFIG.d() + CONFIG.opportunisticGraftPeers());
        assertThat(List.of(20, 21, 22)).filteredOn(fixture::isInMesh).hasSize(CONFIG.opportunisticGraftPeers());
    }

    @Test
    void who_tells_of_messages_and_never_delivers_any_loses_its_score() {
        join();
        fixture.connect(1, 3, true);
        for (int i = 0; i < 10; i++) {
            fixture.tell(1, id(i));
            fixture.tell(2, id(100 + i));
            GossipMessage kept = new GossipMessage(
                    new byte[0],
                    new byte[1],
                    java.nio.ByteBuffer.allocate(8).putLong(100 + i).array(),
                    TOPIC,
                    new byte[64],
                    new byte[0]);
            fixture.receive(2, rpc -> rpc.messages().add(kept));
        }
        fixture.heartbeats((int) CONFIG.iwantFollowup().toSeconds() + 1);

        assertThat(fixture.score(1)).isLessThan(-100);
        assertThat(fixture.score(2)).isPositive();
        assertThat(fixture.isInMesh(1)).isFalse();
    }

    @Test
    void who_leaves_a_topic_prunes_its_mesh_and_grafts_it_again_after_the_shorter_back_off() {
        join();
        fixture.connect(1, 4, true);
        router.leave(TOPIC, fixture.now);
        long backoff = CONFIG.unsubscribeBackoff().toSeconds();
        for (int i = 1; i < 4; i++) {
            assertThat(fixture.prunes(i))
                    .singleElement()
                    .satisfies(p -> assertThat(p.backoffSeconds()).isEqualTo(backoff));
            assertThat(fixture.sent(i).getLast().subscriptions()).containsExactly(new Rpc.Subscription(false, TOPIC));
        }

        join();
        fixture.heartbeats((int) backoff - 1);
        assertThat(router.mesh(TOPIC)).isEmpty();

        fixture.heartbeats(2);
        assertThat(router.mesh(TOPIC)).hasSize(3);
    }

    @Test
    void what_is_published_after_leaving_goes_to_followers_still() {
        join();
        fixture.connect(1, 4, true);
        router.leave(TOPIC, fixture.now);
        fixture.sent.clear();

        assertThat(router.publish(message(0, 1, 10), fixture.now)).isEqualTo(3);
        List<Integer> reached = new ArrayList<>();
        for (int i = 1; i < 4; i++) {
            reached.add(fixture.sent(i).size());
        }
        assertThat(reached).containsExactly(1, 1, 1);
    }
}
