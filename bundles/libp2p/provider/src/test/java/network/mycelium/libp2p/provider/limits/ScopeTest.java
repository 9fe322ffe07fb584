package network.mycelium.libp2p.provider.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import network.mycelium.libp2p.provider.limits.Scope.Resource;
import org.junit.jupiter.api.Test;

class ScopeTest {
    private final Scope system = new Scope(() -> "system", new Limits(10, 100, 3200));
    private final Scope greedy = new Scope(() -> "greedy", new Limits(8, 100, 1600), system);
    private final Scope other = new Scope(() -> "other", new Limits(8, 100, 1600), system);
    private final Scope modest = new Scope(() -> "modest", new Limits(8, 100, 1600), system);

    @Test
    void what_does_not_fit_above_is_counted_nowhere() {
        assertThat(greedy.tryReserve(Resource.CONNECTIONS, 8)).isNull();
        assertThat(other.tryReserve(Resource.CONNECTIONS, 3)).isSameAs(system);
        assertThat(other.isEmpty()).isTrue();
        assertThat(system.used(Resource.CONNECTIONS)).isEqualTo(8);
        assertThatThrownBy(() -> other.reserve(Resource.CONNECTIONS, 3)).hasMessageContaining("scope system");
    }

    @Test
    void the_last_memory_is_for_those_who_need_little() {
        for (Scope scope : new Scope[] {greedy, other}) {
            for (int i = 0; i < 16; i++) {
                scope.tryReserve(Resource.MEMORY, 100);
            }
        }
        assertThat(system.used(Resource.MEMORY)).isEqualTo(2400);
        assertThat(modest.tryReserve(Resource.MEMORY, 100)).isNull();
        assertThat(modest.tryReserve(Resource.MEMORY, 100)).isSameAs(system);
        greedy.release(Resource.MEMORY, greedy.used(Resource.MEMORY));
        assertThat(modest.tryReserve(Resource.MEMORY, 100)).isNull();
    }
}
