package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Running;
import org.junit.jupiter.api.Test;

/// Nodes that each decide by themselves, and a clock that is moved by hand.
class RolloutsTest {
    private static final String OLD = "1.0.0";
    private static final String NEW = "2.0.0";
    private static final long SECOND = 1_000_000_000L;

    /// A node with what it runs now.
    private final class Node {
        private final String id;
        private String trouble;
        private final Rollouts rollouts = new Rollouts(() -> now, () -> Optional.ofNullable(trouble));
        private String version = OLD;

        private Node(String id) {
            this.id = id;
        }

        private List<Running> report() {
            List<Running> all = new ArrayList<>(List.of(new Running("weather", version, "ACTIVE", "")));
            all.addAll(rollouts.report());
            return all;
        }

        private void step(Directive directive, Map<String, List<Running>> reports, boolean bad) {
            String wanted = rollouts.now(directive, order(), reports, id).versions();
            if (wanted.equals(NEW) && bad) {
                rollouts.reject(directive, "it does not start");
            } else {
                version = wanted;
            }
        }
    }

    private final List<Node> nodes =
            IntStream.range(0, 10).mapToObj(i -> new Node("node" + i)).toList();
    private long now = 1;

    private List<String> order() {
        return nodes.stream().map(n -> n.id).toList();
    }

    private static Directive directive(int failures, boolean paused) {
        return directive(failures, paused, 5);
    }

    private static Directive directive(int failures, boolean paused, long number) {
        return new Directive(
                "weather",
                NEW,
                Directive.Selector.EVERY,
                Directive.ALL,
                0,
                Optional.of(new Rollout(OLD, 2, 50, 10, failures, paused)),
                Instant.MAX,
                number,
                List.of());
    }

    private void second(Directive directive, List<Integer> bad) {
        Map<String, List<Running>> reports = new HashMap<>();
        nodes.forEach(n -> reports.put(n.id, n.report()));
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).step(directive, reports, bad.contains(i));
        }
        now += SECOND;
    }

    private long changed() {
        return nodes.stream().filter(n -> n.version.equals(NEW)).count();
    }

    @Test
    void canaries_go_first_and_each_wave_when_the_one_before_has_run_well_for_the_window() {
        List<Long> course = new ArrayList<>();
        for (int s = 0; s < 40; s++) {
            second(directive(0, false), List.of());
            if (course.isEmpty() || course.getLast() != changed()) {
                course.add(changed());
                if (changed() == 2) {
                    assertThat(s).isZero();
                }
            }
        }
        assertThat(course).containsExactly(2L, 6L, 10L);
    }

    @Test
    void a_canary_that_fails_stops_it_and_all_stay_where_they_were() {
        for (int s = 0; s < 60; s++) {
            second(directive(0, false), List.of(1));
            assertThat(changed()).isLessThanOrEqualTo(1);
        }
        assertThat(changed()).isZero();
        assertThat(nodes.get(9).report()).anyMatch(r -> r.state().equals(Rollouts.HALTED));
    }

    @Test
    void a_failure_in_a_later_wave_brings_those_back_who_had_gone() {
        for (int s = 0; s < 60; s++) {
            second(directive(0, false), List.of(4));
        }
        assertThat(changed()).isZero();
    }

    @Test
    void as_many_as_are_allowed_may_fail() {
        for (int s = 0; s < 60; s++) {
            second(directive(1, false), List.of(4));
        }
        assertThat(changed()).isEqualTo(9);
        assertThat(nodes.get(4).version).isEqualTo(OLD);
    }

    @Test
    void nobody_goes_on_while_it_is_paused_and_those_who_went_stay() {
        second(directive(0, false), List.of());
        for (int s = 0; s < 40; s++) {
            second(directive(0, true), List.of());
        }
        assertThat(changed()).isEqualTo(2);
    }

    @Test
    void a_pause_takes_nothing_from_the_window() {
        second(directive(0, false, 5), List.of());
        for (int s = 0; s < 12; s++) {
            second(directive(0, true, 6), List.of());
        }
        second(directive(0, false, 7), List.of());
        assertThat(changed()).isEqualTo(6);
    }

    @Test
    void a_node_that_a_version_fills_goes_back_and_all_others_with_it_while_it_goes_out_and_not_later() {
        second(directive(0, false), List.of());
        nodes.get(1).trouble = "the heap is full";
        for (int s = 0; s < 30; s++) {
            second(directive(0, false), List.of());
        }
        assertThat(changed()).isZero();
        nodes.get(1).trouble = null;
        for (int s = 0; s < 60; s++) {
            second(directive(0, false, 6), List.of());
        }
        assertThat(changed()).isEqualTo(10);
        nodes.get(1).trouble = "the heap is full of something else";
        second(directive(0, false, 6), List.of());
        assertThat(changed()).isEqualTo(10);
    }

    @Test
    void a_thousand_roll_outs_with_failures_by_chance_end_with_all_new_or_all_old() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int run = 0; run < 1000; run++) {
            var other = new RolloutsTest();
            List<Integer> bad = random.nextBoolean() ? List.of() : List.of(random.nextInt(10));
            for (int s = 0; s < 50; s++) {
                other.second(directive(0, false), bad);
            }
            assertThat(other.changed()).as("seed %d, run %d", seed, run).isEqualTo(bad.isEmpty() ? 10 : 0);
        }
    }
}
