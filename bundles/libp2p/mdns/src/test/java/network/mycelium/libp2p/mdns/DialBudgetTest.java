package network.mycelium.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.Test;

class DialBudgetTest {
    private static final long INTERVAL = Duration.ofSeconds(10).toNanos();
    private final DialBudget budget = new DialBudget(Duration.ofSeconds(10), 0);

    private static PeerId peer(int number) {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        seed[0] = (byte) number;
        seed[1] = (byte) (number >> 8);
        return new NodeKey(seed).peerId();
    }

    private static InetAddress sender(int number) throws Exception {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) number});
    }

    @Test
    void a_peer_is_dialled_once_in_an_interval() throws Exception {
        assertThat(budget.take(sender(1), peer(1), 0)).isTrue();
        assertThat(budget.take(sender(1), peer(1), INTERVAL - 1)).isFalse();
        assertThat(budget.take(sender(2), peer(1), INTERVAL - 1)).isFalse();
        assertThat(budget.take(sender(1), peer(1), INTERVAL)).isTrue();
    }

    @Test
    void one_sender_tells_of_so_many_and_others_are_heard_as_well() throws Exception {
        int dialled = 0;
        for (int i = 0; i < 100; i++) {
            dialled += budget.take(sender(1), peer(i), i) ? 1 : 0;
        }
        assertThat(dialled).isEqualTo(DialBudget.MAX_OF_SENDER);
        assertThat(budget.take(sender(2), peer(200), 100)).isTrue();
    }

    @Test
    void all_senders_together_have_a_bound_until_the_next_interval() throws Exception {
        int dialled = 0;
        for (int i = 0; i < 200; i++) {
            dialled += budget.take(sender(i), peer(i), i) ? 1 : 0;
        }
        assertThat(dialled).isEqualTo(DialBudget.MAX);
        assertThat(budget.take(sender(1), peer(999), INTERVAL)).isTrue();
    }
}
