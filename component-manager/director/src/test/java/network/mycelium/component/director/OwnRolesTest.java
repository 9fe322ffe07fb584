package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;

class OwnRolesTest {
    private static Role role(String name, String... components) {
        return new Role(name, List.of(components), Optional.empty());
    }

    private final OwnRoles roles = new OwnRoles(
            List.of(role("keeper", "base", "weather@[1,2)"), role("other", "base"), role("foreign", "elsewhere")),
            Set.of("keeper", "other", "hypha"));

    @Test
    void what_its_roles_take_is_wanted_once_in_the_roles_name_and_not_where_a_directive_speaks_of_it() {
        assertThat(roles.wanted(Set.of()))
                .extracting(Wanted::spec, Wanted::holder)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("base", "network role keeper"),
                        org.assertj.core.groups.Tuple.tuple("weather@[1,2)", "network role keeper"));
        assertThat(roles.wanted(Set.of("base"))).extracting(Wanted::component).containsExactly("weather");
    }

    @Test
    void a_role_is_taken_when_all_of_it_runs_and_else_it_says_why_not() {
        Running base = Members.runs("base", "1.0.0");
        Running missing = new Running("weather", "", NodeState.MISSING, "no index lists it");
        assertThat(roles.taken(List.of(base, Members.runs("weather", "1.0.0"))))
                .containsExactlyInAnyOrder("hypha", "keeper", "other");
        assertThat(roles.taken(List.of(base, missing))).containsExactlyInAnyOrder("hypha", "other");
        assertThat(roles.untaken(List.of(base, missing), Set.of()))
                .containsOnlyKeys("keeper")
                .containsValue("weather does not run here: no index lists it");
        assertThat(roles.untaken(List.of(base), Set.of("weather")))
                .containsEntry("keeper", "a directive says that weather does not run here");
        assertThat(roles.untaken(List.of(), Set.of())).containsEntry("other", "base does not run here yet");
    }

    @Test
    void a_rule_asks_for_all_that_it_says() {
        var rule = new Rule(Duration.ofMinutes(5), 512, 2, Access.STANDARD);
        var machine = new Resources(1024, 4);
        assertThat(OwnRoles.meets(rule, Duration.ofMinutes(5), machine, Access.FULL))
                .isTrue();
        assertThat(OwnRoles.meets(rule, Duration.ofMinutes(4), machine, Access.FULL))
                .isFalse();
        assertThat(OwnRoles.meets(rule, Duration.ofMinutes(5), new Resources(1024, 1), Access.FULL))
                .isFalse();
        assertThat(OwnRoles.meets(rule, Duration.ofMinutes(5), machine, Access.LIMITED))
                .isFalse();
    }
}
