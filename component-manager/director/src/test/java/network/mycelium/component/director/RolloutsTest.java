package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Running;
import org.junit.jupiter.api.Test;

/// Nodes that each decide by themselves, and a clock that is moved by hand.
class RolloutsTest {
    private static final String OLD = "1.0.0";
    private static final String NEW = "2.0.0";

    /// A node with what it runs now.
    private final class Node {
        private final int number;
        private String trouble;
        private List<Trial> disk = List.of();
        private long start = 1;
        private Rollouts rollouts = boot();
        private String version = OLD;
        private boolean dead;
        private boolean settled = true;
        private String course = "";

        private Node(int number) {
            this.number = number;
        }

        private Rollouts boot() {
            return new Rollouts(disk, all -> disk = List.copyOf(all), start, () -> Optional.ofNullable(trouble));
        }

        private void kill() {
            dead = true;
        }

        private void restart() {
            start++;
            rollouts = boot();
            dead = false;
        }

        private Heard heard() {
            List<Running> all = new ArrayList<>(List.of(Members.runs("weather", version)));
            all.addAll(rollouts.report());
            return Members.heard(number, now, all.toArray(Running[]::new));
        }

        private void step(Directive directive, List<Heard> living, boolean bad) {
            Set<String> placed = new HashSet<>(Placement.among(directive, living));
            NetworkView view = Members.view(now, settled, number, living);
            Rollouts.Decision decision = rollouts.now(directive, placed, view);
            course = decision.course();
            String wanted = decision.directive().versions();
            if (wanted.equals(NEW) && bad) {
                rollouts.reject(directive, "it does not start");
            } else {
                version = wanted;
            }
        }
    }

    private final List<Node> nodes = IntStream.range(0, 10).mapToObj(Node::new).toList();
    private final List<Heard> liars = new ArrayList<>();
    private long now = 1000;

    private static Directive directive(int failures, boolean paused) {
        return directive(failures, paused, 5);
    }

    /// In the order of the nodes' numbers.
    private static Directive directive(int failures, boolean paused, long number) {
        List<String> order = IntStream.range(0, 10).mapToObj(Members::id).toList();
        var rollout = new Rollout(OLD, 2, 50, 10, failures, paused, order);
        return Members.directive("weather", NEW, Directive.ALL, number, rollout);
    }

    private void second(Directive directive, Integer... bad) {
        List<Heard> living = new ArrayList<>(
                nodes.stream().filter(n -> !n.dead).map(Node::heard).toList());
        living.addAll(liars);
        for (Node node : nodes) {
            if (!node.dead) {
                node.step(directive, living, List.of(bad).contains(node.number));
            }
        }
        now += 1000;
    }

    private void seconds(int count, Directive directive, Integer... bad) {
        for (int s = 0; s < count; s++) {
            second(directive, bad);
        }
    }

    private Set<Integer> changed() {
        Set<Integer> changed = new TreeSet<>();
        nodes.stream().filter(n -> n.version.equals(NEW)).forEach(n -> changed.add(n.number));
        return changed;
    }

    @Test
    void canaries_go_first_and_each_wave_when_the_one_before_has_run_well_for_the_window() {
        List<Integer> course = new ArrayList<>();
        for (int s = 0; s < 40; s++) {
            second(directive(0, false));
            if (course.isEmpty() || course.getLast() != changed().size()) {
                course.add(changed().size());
            }
        }
        assertThat(course).containsExactly(2, 6, 10);
    }

    @Test
    void a_canary_that_fails_stops_it_and_all_stay_where_they_were() {
        for (int s = 0; s < 60; s++) {
            second(directive(0, false), 1);
            assertThat(changed().size()).isLessThanOrEqualTo(1);
        }
        assertThat(changed()).isEmpty();
        assertThat(nodes.get(9).course).isEqualTo("halted: %s: it does not start", Members.id(1));
    }

    @Test
    void a_failure_in_a_later_wave_brings_those_back_who_had_gone() {
        seconds(60, directive(0, false), 4);
        assertThat(changed()).isEmpty();
    }

    @Test
    void as_many_as_are_allowed_may_fail() {
        seconds(60, directive(1, false), 4);
        assertThat(changed()).hasSize(9).doesNotContain(4);
    }

    @Test
    void nobody_goes_on_while_it_is_paused_and_those_who_went_stay() {
        second(directive(0, false));
        seconds(40, directive(0, true));
        assertThat(changed()).containsExactly(0, 1);
        assertThat(nodes.get(5).course).isEqualTo("paused");
    }

    @Test
    void a_pause_takes_nothing_from_the_window() {
        second(directive(0, false, 5));
        seconds(12, directive(0, true, 6));
        second(directive(0, false, 7));
        assertThat(changed()).hasSize(6);
    }

    @Test
    void a_node_that_a_version_fills_goes_back_and_all_others_with_it_while_it_goes_out_and_not_later() {
        second(directive(0, false));
        nodes.get(1).trouble = "the heap is full";
        seconds(30, directive(0, false));
        assertThat(changed()).isEmpty();
        nodes.get(1).trouble = null;
        seconds(60, directive(0, false, 6));
        assertThat(changed()).hasSize(10);
        nodes.get(1).trouble = "the heap is full of something else";
        second(directive(0, false, 6));
        assertThat(changed()).hasSize(10);
    }

    @Test
    void what_a_bystander_says_changes_nothing_and_what_a_member_says_of_a_halt_nothing_for_others() {
        Directive directive = directive(0, false);
        var reader = Members.member(
                99, network.mycelium.node.command.Access.READ_ONLY, List.of("hypha"), java.util.Map.of());
        for (String state : List.of(NodeState.HALTED, NodeState.REJECTED)) {
            liars.add(Members.heard(reader, now, new Running("weather", "5", state, "so I say")));
        }
        liars.add(Members.heard(98, now, new Running("weather", "5", NodeState.HALTED, "so I say")));
        seconds(40, directive);
        assertThat(changed()).hasSize(10);
    }

    @Test
    void what_a_node_rejected_and_where_it_halted_outlives_a_restart() {
        seconds(3, directive(0, false), 1);
        nodes.forEach(Node::kill);
        nodes.forEach(Node::restart);
        assertThat(nodes.get(1).rollouts.report())
                .anyMatch(
                        r -> r.state().equals(NodeState.REJECTED) && r.problem().equals("it does not start"));
        assertThat(nodes.get(7).rollouts.report()).anyMatch(r -> r.state().equals(NodeState.HALTED));
        seconds(60, directive(0, false));
        assertThat(changed()).isEmpty();
        seconds(60, directive(0, false, 6));
        assertThat(changed()).as("a newer directive tries again").hasSize(10);
    }

    @Test
    void a_version_that_kills_its_node_stops_after_the_canaries() {
        for (int s = 0; s < 100; s++) {
            second(directive(0, false));
            nodes.stream().filter(n -> n.version.equals(NEW)).forEach(Node::kill);
            assertThat(nodes.stream().filter(n -> n.dead)).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(nodes.get(5).course).startsWith("stopped: ").contains("fell silent while it was its turn");
        nodes.forEach(n -> n.version = OLD);
        nodes.subList(0, 2).forEach(Node::restart);
        assertThat(nodes.get(0).rollouts.report()).singleElement().satisfies(r -> {
            assertThat(r.state()).isEqualTo(NodeState.REJECTED);
            assertThat(r.problem()).contains("ended within the window after it took 2.0.0");
        });
        seconds(60, directive(0, false));
        assertThat(changed()).isEmpty();
    }

    @Test
    void a_node_that_ends_in_good_order_on_trial_may_start_again_and_not_for_ever() {
        Node canary = nodes.getFirst();
        second(directive(0, false));
        for (int start = 1; start < Trial.MAX_STARTS; start++) {
            canary.rollouts.close();
            canary.restart();
            assertThat(canary.rollouts.report()).isEmpty();
        }
        canary.rollouts.close();
        canary.restart();
        assertThat(canary.rollouts.report()).hasSize(1);
    }

    @Test
    void what_decides_may_be_made_anew_without_an_end_of_the_node() {
        Node canary = nodes.getFirst();
        second(directive(0, false));
        for (int i = 0; i < 2 * Trial.MAX_STARTS; i++) {
            canary.rollouts.close();
            canary.rollouts = canary.boot();
        }
        assertThat(canary.rollouts.report()).isEmpty();
    }

    @Test
    void after_its_window_a_node_may_die_and_nobody_minds() {
        seconds(14, directive(0, false));
        nodes.getFirst().kill();
        seconds(40, directive(0, false));
        assertThat(changed()).hasSize(10);
        nodes.getFirst().restart();
        assertThat(nodes.getFirst().rollouts.report()).isEmpty();
    }

    @Test
    void a_side_that_does_not_see_those_who_go_first_waits_and_follows_when_it_does() {
        nodes.subList(0, 2).forEach(Node::kill);
        seconds(100, directive(0, false));
        assertThat(changed()).isEmpty();
        assertThat(nodes.get(4).course).startsWith("waits for ").contains("which is not heard");
        nodes.subList(0, 2).forEach(Node::restart);
        seconds(40, directive(0, false));
        assertThat(changed()).hasSize(10);
    }

    @Test
    void who_was_away_before_its_turn_is_not_waited_for_and_who_goes_silent_in_it_is() {
        nodes.get(3).kill();
        seconds(14, directive(0, false));
        assertThat(changed()).hasSize(5);
        nodes.get(4).kill();
        seconds(60, directive(0, false));
        assertThat(changed()).as("those who went are back, but for the dead").containsExactly(4);
        nodes.get(4).version = OLD;
        nodes.get(4).restart();
        assertThat(nodes.get(4).rollouts.report()).hasSize(1);
    }

    @Test
    void a_node_that_has_not_heard_the_network_does_not_go() {
        nodes.get(0).settled = false;
        seconds(30, directive(0, false));
        assertThat(changed()).containsExactly(1);
        nodes.get(0).settled = true;
        seconds(60, directive(0, false));
        assertThat(changed()).hasSize(10);
    }

    @Test
    void a_node_that_cannot_keep_what_it_tries_does_not_try() {
        var rollouts = new Rollouts(
                List.of(),
                all -> {
                    throw new IOException("no space left");
                },
                1,
                Optional::empty);
        NetworkView view = Members.view(now, true, 0, List.of(nodes.getFirst().heard()));
        Rollouts.Decision decision = rollouts.now(directive(0, false), Set.of(Members.id(0)), view);
        assertThat(decision.directive().versions()).isEqualTo(OLD);
        assertThat(decision.course()).contains("no space left");
    }

    @Test
    void who_came_later_goes_last_and_a_long_finished_roll_out_waits_for_no_dead() {
        Directive directive = directive(0, false);
        seconds(40, directive);
        nodes.getFirst().kill();
        var late = new Node(50);
        for (int s = 0; s < 12; s++) {
            List<Heard> living = new ArrayList<>(
                    nodes.stream().filter(n -> !n.dead).map(Node::heard).toList());
            living.add(late.heard());
            late.step(directive, living, false);
            now += 1000;
            assertThat(late.version).isEqualTo(s < 10 ? OLD : NEW);
        }
    }

    @Test
    void waves_begin_where_they_should() {
        assertThat(Waves.starts(new Rollout(OLD, 2, 50, 0, 0, false, List.of()), 10))
                .containsExactly(0, 2, 6, 10);
        assertThat(Waves.starts(new Rollout(OLD, 0, 25, 0, 0, false, List.of()), 4))
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(Waves.starts(new Rollout(OLD, 9, 25, 0, 0, false, List.of()), 2))
                .containsExactly(0, 2);
        assertThat(Waves.starts(new Rollout(OLD, 1, 100, 0, 0, false, List.of()), 0))
                .containsExactly(0);
    }

    @Test
    void many_roll_outs_with_failures_by_chance_end_with_all_new_or_all_old() {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            var other = new RolloutsTest();
            Integer[] bad = random.nextBoolean() ? new Integer[0] : new Integer[] {random.nextInt(10)};
            other.seconds(50, directive(0, false), bad);
            assertThat(other.changed())
                    .as("replay with -Dseed=%d, run %d", seed, run)
                    .hasSize(bad.length == 0 ? 10 : 0);
        }
    }
}
