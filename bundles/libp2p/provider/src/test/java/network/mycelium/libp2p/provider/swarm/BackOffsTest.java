package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.junit.jupiter.api.Test;

class BackOffsTest {
    private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");
    private final PeerId one = TwoSwarms.key().peerId();
    private final PeerId two = TwoSwarms.key().peerId();
    private final BackOffs backOffs = new BackOffs();

    @Test
    void an_address_waits_for_the_peer_that_was_not_found_there_alone() {
        backOffs.failed(one, ADDRESS);
        assertThat(backOffs.waits(one, ADDRESS)).isTrue();
        assertThat(backOffs.waits(two, ADDRESS)).isFalse();

        backOffs.reached(one, ADDRESS);
        assertThat(backOffs.waits(one, ADDRESS)).isFalse();
    }

    @Test
    void many_failures_wait_no_longer_than_the_longest_wait_and_overflow_nothing() {
        for (int i = 0; i < 100; i++) {
            backOffs.failed(one, ADDRESS);
        }
        assertThat(backOffs.waits(one, ADDRESS)).isTrue();
        assertThat(backOffs.size()).isEqualTo(1);
    }

    @Test
    void so_many_are_remembered_and_the_one_that_failed_first_is_forgotten() {
        backOffs.failed(one, ADDRESS);
        for (int i = 0; i < BackOffs.MAX_REMEMBERED; i++) {
            backOffs.failed(two, Multiaddr.parse("/ip4/192.0.2.1/tcp/" + (2 + i)));
        }
        assertThat(backOffs.size()).isEqualTo(BackOffs.MAX_REMEMBERED);
        assertThat(backOffs.waits(one, ADDRESS)).isFalse();
    }
}
