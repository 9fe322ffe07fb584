package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import network.mycelium.identity.Statement;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static Directive directive(String component, int count) {
        return new Directive(
                component,
                "[1,2)",
                new Selector(List.of("hypha"), Map.of("zone", "a"), new Resources(512, 2)),
                count,
                3,
                Optional.of(new Directive.Rollout("[0,1)", 1, 25, 60, 2, true)),
                Instant.ofEpochMilli(1_000_000),
                7,
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
    void a_directive_is_read_as_it_was_written() {
        Directive given = directive("x", 5);
        Directive read = DirectiveCodec.directive(new Statement(
                DirectiveCodec.KIND, "x", 7, Instant.EPOCH, given.expires(), DirectiveCodec.body(given), List.of()));
        assertThat(read).isEqualTo(given);
    }

    @Test
    void a_directive_that_makes_no_sense_is_refused() {
        assertThatThrownBy(() -> DirectiveCodec.body(directive("../x", 1))).hasMessageContaining("../x");
        assertThatThrownBy(() -> DirectiveCodec.body(directive("x", -3))).hasMessageContaining("0 to");
        assertThatThrownBy(() -> DirectiveCodec.body(directive("x", Directive.ON_DEMAND)))
                .hasMessageContaining("not rolled out");
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
    void versions_are_taken_as_the_manager_takes_them() {
        assertThat(Obedience.includes("1.2.0", "1.2.0")).isTrue();
        assertThat(Obedience.includes("1.2.0", "1.3.0")).isFalse();
        assertThat(Obedience.includes("[1,2)", "1.9.9")).isTrue();
        assertThat(Obedience.includes("[1,2)", "2.0.0")).isFalse();
    }
}
