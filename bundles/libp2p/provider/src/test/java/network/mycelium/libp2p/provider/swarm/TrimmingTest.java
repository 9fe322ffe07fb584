package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.hostile.HostilePeer;
import network.mycelium.libp2p.provider.protocols.Ping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which connections go when there are too many, and who may have how many.
@Timeout(60)
class TrimmingTest {
    private static HostilePeer from(Swarm swarm, int address) throws Exception {
        return HostilePeer.dial(
                HostileFramesTest.address(swarm),
                InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) address}),
                HostilePeer.key(),
                "/noise");
    }

    private static List<PeerId> order(Swarm swarm) {
        return swarm.keeper().trimmable(Instant.now().plusSeconds(1)).stream()
                .map(SwarmConnection::peer)
                .toList();
    }

    @Test
    void idle_streams_and_many_connections_from_one_address_buy_nothing() throws Exception {
        List<HostilePeer> crowd = new ArrayList<>();
        try (var two = new TwoSwarms();
                var tagged = TwoSwarms.swarm(Settings.DEFAULT);
                var plain = TwoSwarms.swarm(Settings.DEFAULT)) {
            for (int i = 0; i < 5; i++) {
                HostilePeer peer = from(two.b, 2);
                crowd.add(peer);
                for (int stream = 1; stream < 40; stream += 2) {
                    peer.send(HostilePeer.open(stream, Ping.PROTOCOL));
                }
            }
            two.b.connect(two.a.id(), two.a.addresses());
            plain.connect(two.b.id(), two.b.addresses());
            tagged.connect(two.b.id(), two.b.addresses());
            two.b.tag(tagged.id(), "test", 5);
            await().until(() -> two.b.connections().size() == 8);

            List<PeerId> order = order(two.b);
            List<PeerId> last = order.subList(4, 8);
            assertThat(order.subList(0, 4))
                    .isSubsetOf(crowd.stream().map(HostilePeer::id).toList());
            assertThat(last.get(1)).isEqualTo(crowd.getFirst().id()).isNotEqualTo(plain.id());
            assertThat(last.getFirst()).isEqualTo(plain.id());
            assertThat(last.subList(2, 4)).containsExactly(two.a.id(), tagged.id());
        } finally {
            for (HostilePeer peer : crowd) {
                peer.close();
            }
        }
    }

    @Test
    void own_dials_have_room_when_all_places_of_those_who_come_in_are_taken() throws Exception {
        Settings few = Settings.DEFAULT.withInbound(5, 100, 100);
        List<HostilePeer> crowd = new ArrayList<>();
        try (var two = new TwoSwarms(few)) {
            for (int i = 0; i < 20; i++) {
                crowd.add(from(two.b, 2 + i));
            }
            await().until(() -> two.b.connections().size() == 5);
            assertThat(two.b.limits().get("inbound").get("connections").refused())
                    .isPositive();
            assertThat(two.b.connect(two.a.id(), two.a.addresses()).isOpen()).isTrue();
            assertThat(two.b.connections()).hasSize(6);
        } finally {
            for (HostilePeer peer : crowd) {
                peer.close();
            }
        }
    }

    @Test
    void one_address_takes_so_many_places_and_gives_them_back() throws Exception {
        Settings few = Settings.DEFAULT.withInbound(100, 100, 3);
        try (var two = new TwoSwarms(few)) {
            for (int round = 0; round < 3; round++) {
                List<HostilePeer> crowd = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    try {
                        crowd.add(from(two.b, 2));
                    } catch (java.io.IOException e) {
                        assertThat(crowd).hasSizeGreaterThanOrEqualTo(3);
                    }
                    assertThat(two.b.connections().size()).isLessThanOrEqualTo(3);
                }
                await().until(() -> two.b.connections().size() == 3);
                two.connect();
                two.a.disconnect(two.b.id());
                for (HostilePeer peer : crowd) {
                    peer.close();
                }
                await().until(() -> two.b.inbound().sockets() == 0);
            }
        }
    }

    @Test
    void a_connection_on_which_the_peer_opens_no_more_streams_ends_when_there_are_none() throws Exception {
        Settings lively = TwoSwarms.withHeartbeat(Settings.DEFAULT, java.time.Duration.ofMillis(100));
        try (var two = new TwoSwarms(lively);
                var peer = from(two.b, 2)) {
            peer.behave();
            await().until(() -> two.b.connections().size() == 1);
            peer.send(HostilePeer.frame(HostilePeer.GO_AWAY, 0, 0, 0));
            // What the node asked it before is given up after ten seconds.
            await().atMost(java.time.Duration.ofSeconds(30))
                    .until(() -> two.b.connections().isEmpty());
        }
    }
}
