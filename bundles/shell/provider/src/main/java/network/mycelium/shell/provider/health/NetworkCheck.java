package network.mycelium.shell.provider.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import network.mycelium.component.Director;
import network.mycelium.component.Director.NodeReport;
import network.mycelium.node.health.HealthCheck;

/// Whether all members are heard, and what the network asks for is done here.
public final class NetworkCheck implements HealthCheck {
    private static final Set<String> UNDONE = Set.of("MISSING", "REJECTED", "HALTED");

    private final Supplier<Director> director;
    private final Supplier<String> self;

    /// @param director gives null while the node is in no network
    /// @param self the peer id of this node, empty while it has none
    public NetworkCheck(Supplier<Director> director, Supplier<String> self) {
        this.director = director;
        this.self = self;
    }

    @Override
    public String name() {
        return "network";
    }

    @Override
    public Finding look() {
        Director there = director.get();
        if (there == null) {
            return new Finding("in no network", List.of());
        }
        List<Problem> problems = new ArrayList<>();
        List<NodeReport> nodes = there.nodes();
        List<NodeReport> silent = nodes.stream()
                .filter(node -> !node.alive() && node.maintenance().isEmpty())
                .toList();
        int heard = (int) nodes.stream().filter(NodeReport::alive).count();
        if (!silent.isEmpty()) {
            problems.add(
                    new Problem(
                            "%d of %d members are heard; silent: %s"
                                    .formatted(
                                            heard,
                                            nodes.size(),
                                            String.join(
                                                    ", ",
                                                    silent.stream()
                                                            .map(NodeReport::name)
                                                            .toList())),
                            "see that they run and can be reached (`p2p peers`, `p2p connect`); one that is gone for good: `network revoke`"));
        }
        String peer = self.get();
        nodes.stream().filter(node -> node.peer().equals(peer)).forEach(node -> here(node, problems));
        there.ignored().stream()
                // What one member reports must not make all others look unwell.
                .filter(one -> !one.kind().equals("report"))
                .forEach(
                        one -> problems.add(
                                new Problem(
                                        "%s %s is not followed: %s".formatted(one.kind(), one.key(), one.why()),
                                        "give it again, corrected, or take it back (`network undirect`); `network directives` tells who signed it")));
        return new Finding("%d of %d members heard".formatted(heard, nodes.size()), problems);
    }

    private static void here(NodeReport node, List<Problem> problems) {
        node.components().stream()
                .filter(component -> UNDONE.contains(component.state()))
                .forEach(c -> problems.add(new Problem(
                        "%s is directed to run here and is %s: %s".formatted(c.component(), c.state(), c.problem()),
                        "mend what it says, or direct another version; `network plan` and `component why "
                                + c.component() + "` tell more")));
        node.untaken()
                .forEach((role, why) -> problems.add(new Problem(
                        "the role %s is not taken: %s".formatted(role, why),
                        "provide what it takes, or `network demote` this node")));
    }
}
