package network.mycelium.shell.provider.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.libp2p.PeerId;
import org.junit.jupiter.api.Test;

class CallerSlotsTest {
    private final CallerSlots slots = new CallerSlots(8, 3, 1);

    static PeerId peer(int number) {
        byte[] id = new byte[34];
        id[0] = 0x12;
        id[1] = 32;
        id[2] = (byte) number;
        return PeerId.parse(id);
    }

    @Test
    void a_caller_has_a_few_at_once() {
        List<CallerSlots.Slot> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(slots.take(peer(1), false).orElseThrow());
        }
        assertThat(slots.take(peer(1), false)).isEmpty();
        assertThat(slots.take(peer(1), true)).isEmpty();
        assertThat(slots.take(peer(2), false)).isPresent();
        held.getFirst().close();
        assertThat(slots.take(peer(1), false)).isPresent();
    }

    @Test
    void the_last_place_is_for_operators() {
        int taken = 0;
        for (int caller = 1; caller <= 5; caller++) {
            for (int i = 0; i < 3; i++) {
                taken += slots.take(peer(caller), false).isPresent() ? 1 : 0;
            }
        }
        assertThat(taken).isEqualTo(7);
        Optional<CallerSlots.Slot> operator = slots.take(peer(9), true);
        assertThat(operator).isPresent();
        assertThat(slots.take(peer(8), true)).isEmpty();
        operator.get().close();
        assertThat(slots.take(peer(8), true)).isPresent();
    }
}
