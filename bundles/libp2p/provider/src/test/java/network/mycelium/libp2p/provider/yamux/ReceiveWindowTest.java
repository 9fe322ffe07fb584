package network.mycelium.libp2p.provider.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.limits.Scope;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {
    private static final long SLOW = 0;
    private static final long FAST = Long.MAX_VALUE / 8;

    private static Scope memory(long bytes) {
        return new Scope(() -> "test", new Limits(1, 1, bytes));
    }

    @Test
    void credit_is_given_back_in_halves_as_bytes_are_read() throws Exception {
        var window = new ReceiveWindow(memory(1000), 100, 400);
        window.take(60);
        assertThat(window.toGive(60, SLOW)).isZero();
        assertThat(window.toGive(20, SLOW)).isZero();
        assertThat(window.toGive(10, SLOW)).isEqualTo(50);
        assertThat(window.toGive(10, SLOW)).isZero();
    }

    @Test
    void more_than_the_credit_is_refused() throws Exception {
        var window = new ReceiveWindow(memory(1000), 100, 400);
        window.take(100);
        assertThatThrownBy(() -> window.take(1))
                .isInstanceOf(YamuxException.class)
                .hasMessageContaining("1 bytes with a credit of 0");
    }

    @Test
    void a_window_that_is_emptied_fast_doubles_up_to_its_bound() throws Exception {
        var window = new ReceiveWindow(memory(1000), 100, 300);
        window.take(100);
        assertThat(window.toGive(0, FAST)).isEqualTo(200);
        window.take(200);
        assertThat(window.toGive(0, FAST)).isEqualTo(300);
        window.take(300);
        assertThat(window.toGive(0, FAST)).isEqualTo(300);
    }

    @Test
    void a_window_does_not_grow_into_memory_that_is_not_there() throws Exception {
        Scope scope = memory(150);
        var window = new ReceiveWindow(scope, 100, 400);
        window.take(100);
        assertThat(window.toGive(0, FAST)).isEqualTo(100);
        assertThat(scope.tryReserve(Scope.Resource.MEMORY, 150)).isNull();
    }
}
