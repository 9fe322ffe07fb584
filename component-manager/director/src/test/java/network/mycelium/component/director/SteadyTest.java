package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SteadyTest {
    private static final long PATIENCE = 10_000;

    private final Steady steady = new Steady(PATIENCE);
    private Set<String> members = Set.copyOf(Members.ids(1, 2, 3));

    private List<String> living(long now, int... heard) {
        return steady
                .look(
                        now,
                        IntStream.of(heard).mapToObj(i -> Members.heard(i, now)).toList(),
                        members)
                .stream()
                .map(Heard::peer)
                .toList();
    }

    @Test
    void who_is_heard_first_counts_at_once() {
        assertThat(living(0, 1, 2)).containsExactlyInAnyOrderElementsOf(Members.ids(1, 2));
    }

    @Test
    void seconds_of_silence_change_nothing() {
        living(0, 1, 2);
        assertThat(living(9_000, 1)).contains(Members.id(2));
        assertThat(living(9_500, 1, 2)).contains(Members.id(2));
        assertThat(living(19_000, 1)).contains(Members.id(2));
    }

    @Test
    void who_was_given_up_counts_again_when_it_has_been_there_for_as_long() {
        living(0, 1, 2);
        assertThat(living(10_001, 1)).containsExactly(Members.id(1));
        assertThat(living(20_000, 1, 2)).containsExactly(Members.id(1));
        assertThat(living(25_000, 1)).containsExactly(Members.id(1));
        assertThat(living(26_000, 1, 2)).as("it went away again meanwhile").containsExactly(Members.id(1));
        assertThat(living(35_999, 1, 2)).containsExactly(Members.id(1));
        assertThat(living(36_000, 1, 2)).contains(Members.id(2));
    }

    @Test
    void who_left_the_network_is_forgotten_at_once() {
        living(0, 1, 2, 3);
        members = Set.copyOf(Members.ids(1, 3));
        assertThat(living(1, 1, 3)).containsExactlyInAnyOrderElementsOf(Members.ids(1, 3));
    }

    @Test
    void without_patience_it_is_as_it_is_heard() {
        var hasty = new Steady(0);
        hasty.look(0, List.of(Members.heard(1, 0), Members.heard(2, 0)), members);
        assertThat(hasty.look(1, List.of(Members.heard(1, 1)), members)).hasSize(1);
        assertThat(hasty.look(2, List.of(Members.heard(1, 2), Members.heard(2, 2)), members))
                .hasSize(2);
    }
}
