package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Selector;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static Directive directive(String component, int count) {
        return new Directive(
                component,
                "[1,2)",
                new Selector(List.of("hypha"), Map.of("zone", "a"), new Resources(512, 2)),
                count,
                3,
                Optional.of(new Directive.Rollout("[0,1)", 1, 25, 60, 2, true, Members.ids(3, 1, 2))),
                Instant.ofEpochMilli(1_000_000),
                7,
                Instant.ofEpochMilli(1_000),
                List.of());
    }

    private static List<String> members(int count) {
        return IntStream.range(0, count).mapToObj(i -> "member" + i).toList();
    }

    @Test
    void as_many_as_asked_for_and_in_whatever_order_the_members_are_listed() {
        Directive directive = directive("x", 3);
        List<String> members = new ArrayList<>(members(20));
        List<String> placed = Placement.of(directive, members);
        assertThat(placed).hasSize(3);
        java.util.Collections.reverse(members);
        assertThat(Placement.of(directive, members)).isEqualTo(placed);
        assertThat(Placement.of(directive("x", Directive.ALL), members)).hasSize(20);
        assertThat(Placement.of(directive("x", 0), members)).isEmpty();
        assertThat(Placement.of(directive("x", 30), members)).hasSize(20);
    }

    @Test
    void only_the_share_of_who_goes_moves() {
        List<String> members = members(50);
        int moved = 0;
        for (int c = 0; c < 200; c++) {
            Directive directive = directive("component" + c, 3);
            Set<String> before = new HashSet<>(Placement.of(directive, members));
            Set<String> after = new HashSet<>(Placement.of(directive, members.subList(1, 50)));
            if (!before.contains("member0")) {
                assertThat(after).isEqualTo(before);
            } else {
                before.remove("member0");
                assertThat(after).containsAll(before);
                moved++;
            }
        }
        // 200 components on 3 of 50 members each: 12 for a member.
        assertThat(moved).isBetween(3, 30);
    }

    @Test
    void shares_are_even() {
        int[] shares = new int[10];
        for (int c = 0; c < 3000; c++) {
            for (String member : Placement.of(directive("component" + c, 1), members(10))) {
                shares[Integer.parseInt(member.substring("member".length()))]++;
            }
        }
        assertThat(shares)
                .satisfies(all -> IntStream.of(all).forEach(s -> assertThat(s).isBetween(220, 380)));
    }

    @Test
    void selectors_ask_for_one_of_the_roles_and_all_of_the_labels() {
        var machine = new Resources(2048, 4);
        var selector = new Selector(List.of("a", "b"), Map.of("k", "v"), new Resources(1024, 4));
        assertThat(selector.selects(List.of("b"), Map.of("k", "v", "other", "w"), machine))
                .isTrue();
        assertThat(selector.selects(List.of("c"), Map.of("k", "v"), machine)).isFalse();
        assertThat(selector.selects(List.of("a"), Map.of("k", "w"), machine)).isFalse();
        assertThat(selector.selects(List.of("a"), Map.of("k", "v"), new Resources(2048, 2)))
                .isFalse();
        assertThat(selector.selects(List.of("a"), Map.of("k", "v"), new Resources(1000, 8)))
                .isFalse();
        assertThat(Selector.EVERY.selects(List.of(), Map.of(), Resources.NONE)).isTrue();
    }

    @Test
    void who_is_in_maintenance_keeps_what_runs_on_all_and_has_no_share_of_what_runs_on_some() {
        Heard here = Members.heard(1, 0);
        Heard away = new Heard(Members.member(2), NodeState.UNKNOWN, Set.of(), true, 0);
        var all = List.of(here, away);
        Directive some = Members.directive("x", "", 2, 1, null);
        assertThat(Placement.among(some, all)).containsExactly(Members.id(1));
        assertThat(Placement.among(Members.directive("x", "", Directive.ALL, 1, null), all))
                .hasSize(2);
    }
}
