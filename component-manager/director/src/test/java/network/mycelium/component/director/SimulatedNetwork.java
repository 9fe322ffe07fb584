package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Running;
import network.mycelium.node.command.Access;

/// Nodes that decide as real ones do, each by what it heard, a second at a time: they die and start again,
/// fall into parts that do not hear each other, and beside them are members that lie.
final class SimulatedNetwork {
    static final String OLD = "1.0.0";
    static final String NEW = "2.0.0";
    private static final long SILENCE = 3_000;
    private static final long PATIENCE = 5_000;

    /// What the new version does to a node.
    enum Nature {
        WORKS,
        /// It does not start.
        FAILS,
        /// It ends its node's process two seconds after it starts.
        KILLS
    }

    final class Node {
        final int number;
        private final Map<Integer, Heard> inbox = new HashMap<>();
        private List<Trial> disk = List.of();
        private Direction direction;
        private Rollouts rollouts;
        private Steady steady;
        private long booted;
        private long newSince;
        private boolean hasHeard;
        boolean alive;
        String version = OLD;
        String course = "";

        private Node(int number) {
            this.number = number;
            boot();
        }

        void boot() {
            rollouts = new Rollouts(disk, all -> disk = List.copyOf(all), now, Optional::empty);
            direction = new Direction(rollouts);
            steady = new Steady(PATIENCE);
            inbox.clear();
            booted = now;
            newSince = now;
            hasHeard = false;
            alive = true;
        }

        private Heard beat() {
            List<Running> all = new ArrayList<>(List.of(Members.runs("weather", version)));
            all.addAll(rollouts.report());
            return Members.heard(number, now, all.toArray(Running[]::new));
        }

        private void step() {
            if (version.equals(NEW) && natureOn(number) == Nature.KILLS && now - newSince >= 2_000) {
                alive = false;
                return;
            }
            inbox.put(number, beat());
            inbox.values().removeIf(one -> now - one.atMillis() > SILENCE);
            hasHeard |= inbox.values().stream()
                            .filter(one -> Heard.takesPart(one.member()))
                            .count()
                    > 1;
            List<Heard> living = steady.look(now, List.copyOf(inbox.values()), everybody);
            NetworkView view = Members.view(now, hasHeard && now - booted >= 4_000, number, living);
            var said = new Said.Directives(List.of(directive), Set.of(), List.of());
            Direction.Outcome outcome = direction.decide(said, new OwnRoles(List.of(), Set.of()), view, hasHeard);
            course = outcome.courses().getOrDefault("weather", "");
            outcome.wanted().stream().filter(w -> w.mode() == Wanted.Mode.RUN).forEach(w -> run(w.versions()));
        }

        private void run(String wanted) {
            if (wanted.equals(version)) {
                return;
            }
            if (wanted.equals(NEW)) {
                tried.add(number);
                if (natureOn(number) == Nature.FAILS) {
                    rollouts.reject(directive, "it does not start");
                    return;
                }
                newSince = now;
            }
            version = wanted;
        }

        boolean rejected() {
            return rollouts.report().stream().anyMatch(r -> r.state().equals(NodeState.REJECTED));
        }
    }

    final List<Node> nodes;
    final Random random;
    /// Numbers of the nodes on which the new version was started.
    final Set<Integer> tried = new TreeSet<>();
    private final Set<Integer> troubled = new TreeSet<>();
    private final List<Heard> lies = new ArrayList<>();
    private final Set<String> everybody;
    private final Nature nature;
    private Directive directive;
    /// The part that a node is in.
    private int[] parts;
    private long now = 1_000;

    /// @param troubled on how many nodes, by chance, the new version does what its nature is; elsewhere it
    ///     works
    SimulatedNetwork(Random random, int size, Nature nature, int troubled) {
        this.random = random;
        this.nature = nature;
        this.nodes = IntStream.range(0, size).mapToObj(Node::new).toList();
        this.everybody = IntStream.range(0, size).mapToObj(Members::id).collect(Collectors.toSet());
        this.parts = new int[size];
        while (this.troubled.size() < troubled) {
            this.troubled.add(random.nextInt(size));
        }
    }

    private Nature natureOn(int number) {
        return troubled.contains(number) ? nature : Nature.WORKS;
    }

    void direct(int canaries, int wavePercent, int failures) {
        var rollout = new Directive.Rollout(OLD, canaries, wavePercent, 6, failures, false, List.of());
        Directive asked = Members.directive("weather", NEW, Directive.ALL, 5, rollout);
        directive = asked.with(rollout.of(Waves.order(asked, everybody)));
    }

    /// From a member that may not run components: it says that all is over, and things that make no sense.
    void lie() {
        var reader = Members.member(1_000, Access.READ_ONLY, List.of("hypha"), Map.of());
        var state = new NodeState(
                List.of(
                        new Running("weather", "5", NodeState.HALTED, "so I say"),
                        new Running("weather", "5", NodeState.REJECTED, "so I say"),
                        Members.runs("weather", "x y z"),
                        Members.runs("weather", NEW)),
                Optional.empty(),
                Set.of("sclerotium"),
                Map.of(),
                new Directive.Resources(Long.MAX_VALUE, 1 << 20));
        lies.add(new Heard(reader, NodeState.parse(state.toBytes()), state.roles(), false, now));
    }

    void split(int... partOf) {
        parts = partOf.clone();
    }

    void heal() {
        parts = new int[nodes.size()];
    }

    void second() {
        Map<Integer, Heard> beats = new HashMap<>();
        nodes.stream().filter(node -> node.alive).forEach(node -> beats.put(node.number, node.beat()));
        for (Node node : nodes) {
            if (node.alive) {
                beats.forEach((from, beat) -> {
                    if (parts[from] == parts[node.number]) {
                        node.inbox.put(from, beat);
                    }
                });
                lies.forEach(
                        lie -> node.inbox.put(1_000, new Heard(lie.member(), lie.state(), lie.roles(), false, now)));
                node.step();
            }
        }
        now += 1_000;
    }

    void seconds(int count) {
        for (int i = 0; i < count; i++) {
            second();
        }
    }

    /// Whatever happens to nodes and cables for a while.
    void disturb(int count) {
        for (int i = 0; i < count; i++) {
            Node node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(12)) {
                case 0 -> node.alive = false;
                case 1, 2, 3 -> {
                    if (!node.alive) {
                        node.boot();
                    }
                }
                case 4 -> split(random.ints(nodes.size(), 0, 2).toArray());
                case 5 -> heal();
                default -> {}
            }
            second();
        }
    }

    void mend() {
        heal();
        nodes.stream().filter(node -> !node.alive).forEach(Node::boot);
    }

    @Override
    public String toString() {
        return nodes.stream()
                .map(node -> "%d %s %s%s %s"
                        .formatted(
                                node.number,
                                node.alive ? "up" : "down",
                                node.version,
                                node.rejected() ? " rejected" : "",
                                node.course))
                .collect(Collectors.joining("\n", "\n", "\n"));
    }
}
