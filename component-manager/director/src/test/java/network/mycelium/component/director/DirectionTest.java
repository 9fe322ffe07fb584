package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Ignored;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.director.Wanted.Mode;
import org.junit.jupiter.api.Test;

class DirectionTest {
    private static final int SELF = 1;

    private final Direction direction = new Direction(new Rollouts(List.of(), kept -> {}, 1, Optional::empty));
    private final List<Heard> living = new ArrayList<>(List.of(Members.heard(SELF, 0), Members.heard(2, 0)));
    private OwnRoles roles = new OwnRoles(List.of(), Set.of());
    private boolean settled = true;
    private boolean hasHeard = true;

    private Direction.Outcome decide(Directive... given) {
        return decide(new Said.Directives(List.of(given), Set.of(), List.of()));
    }

    private Direction.Outcome decide(Said.Directives said) {
        return direction.decide(said, roles, Members.view(0, settled, SELF, living), hasHeard);
    }

    private static Directive directive(String component, int count) {
        return Members.directive(component, "1.0.0", count, 3, null);
    }

    /// A component with one share, of this node or the other.
    private static String shareOf(int number) {
        for (int i = 0; ; i++) {
            String component = "component" + i;
            if (Placement.of(directive(component, 1), Members.ids(SELF, 2)).equals(Members.ids(number))) {
                return component;
            }
        }
    }

    @Test
    void what_is_placed_here_runs_the_most_important_first_and_the_rest_is_elsewhere() {
        Directive other = directive("other", 0);
        Directive all = directive("weather", Directive.ALL);
        Direction.Outcome outcome = decide(other, all, directive("tuner", Directive.ON_DEMAND));
        assertThat(outcome.wanted())
                .extracting(Wanted::spec, Wanted::mode)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("weather@1.0.0", Mode.RUN),
                        org.assertj.core.groups.Tuple.tuple("tuner@1.0.0", Mode.ON_DEMAND));
        assertThat(outcome.elsewhere()).containsExactly("other");
        assertThat(outcome.wanted().getFirst().holder()).isEqualTo("network directive 3");
    }

    @Test
    void one_that_cannot_be_worked_out_is_told_keeps_what_runs_and_stops_no_other() {
        // A codec never gives such a one; whatever else may break, breaks alone.
        var poison = Members.directive(
                "poison", "x y z", Directive.ALL, 1, new Rollout("1.0.0", 1, 1, 1, 0, false, Members.ids(SELF)));
        Direction.Outcome outcome = decide(poison, directive("weather", Directive.ALL));
        assertThat(outcome.wanted())
                .extracting(Wanted::component, Wanted::mode)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("poison", Mode.KEEP),
                        org.assertj.core.groups.Tuple.tuple("weather", Mode.RUN));
        assertThat(outcome.ignored()).extracting(Ignored::key).containsExactly("poison");
    }

    @Test
    void what_runs_for_a_statement_that_is_not_understood_stays() {
        var ignored = new Ignored("directive", "weather", List.of(), "no directive");
        Direction.Outcome outcome = decide(new Said.Directives(List.of(), Set.of(), List.of(ignored)));
        assertThat(outcome.wanted()).singleElement().matches(w -> w.mode() == Mode.KEEP);
        assertThat(outcome.elsewhere()).isEmpty();
    }

    @Test
    void what_should_run_on_another_node_stays_until_it_runs_there() {
        String component = shareOf(2);
        assertThat(decide(directive(component, 1)).wanted()).singleElement().matches(w -> w.mode() == Mode.KEEP);
        living.set(1, Members.heard(2, 0, Members.runs(component, "1.0.0")));
        Direction.Outcome outcome = decide(directive(component, 1));
        assertThat(outcome.wanted()).isEmpty();
        assertThat(outcome.elsewhere()).containsExactly(component);
        assertThat(decide(directive(component, 0)).elsewhere())
                .as("what should run nowhere waits for nobody")
                .containsExactly(component);
    }

    @Test
    void before_it_has_heard_anybody_a_node_goes_on_with_what_it_ran_and_begins_nothing() {
        settled = false;
        hasHeard = false;
        roles = new OwnRoles(List.of(new Role("keeper", List.of("base"), Optional.empty())), Set.of("keeper"));
        Direction.Outcome outcome = decide(directive("weather", Directive.ALL), directive(shareOf(SELF), 1));
        assertThat(outcome.wanted()).hasSize(3).allMatch(w -> w.mode() == Mode.KEEP);
        assertThat(outcome.elsewhere()).isEmpty();
        hasHeard = true;
        outcome = decide(directive("weather", Directive.ALL), directive(shareOf(SELF), 1));
        assertThat(outcome.wanted())
                .filteredOn(w -> w.mode() == Mode.KEEP)
                .as("shares are taken when all had time to tell that they live")
                .extracting(Wanted::component)
                .containsExactly(shareOf(SELF));
    }

    @Test
    void what_was_withdrawn_goes_but_for_what_a_role_takes() {
        roles = new OwnRoles(List.of(new Role("keeper", List.of("base"), Optional.empty())), Set.of("keeper"));
        Direction.Outcome outcome = decide(new Said.Directives(List.of(), Set.of("base", "weather"), List.of()));
        assertThat(outcome.elsewhere()).containsExactly("weather");
        assertThat(outcome.wanted()).extracting(Wanted::holder).containsExactly("network role keeper");
    }

    @Test
    void a_node_whose_turn_it_is_not_says_why() {
        var rollout = new Rollout("0.9.0", 1, 50, 60, 0, false, Members.ids(2, SELF));
        Directive directive = Members.directive("weather", "1.0.0", Directive.ALL, 3, rollout);
        Direction.Outcome outcome = decide(directive);
        assertThat(outcome.wanted()).extracting(Wanted::spec).containsExactly("weather@0.9.0");
        assertThat(outcome.courses()).containsEntry("weather", "waits for " + Members.id(2));
    }
}
