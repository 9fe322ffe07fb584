package network.mycelium.component.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.node.command.Access;

/// This node's own roles: what it must run for those that it should have, and which it therefore has.
///
/// @param defined all roles that the network has defined
/// @param entitled those that this node should have
record OwnRoles(List<Role> defined, Set<String> entitled) {
    /// Whether a node takes a role by itself.
    static boolean meets(Rule rule, Duration uptime, Resources resources, Access access) {
        return uptime.compareTo(rule.uptime()) >= 0
                && resources.areAtLeast(new Resources(rule.memoryMiB(), rule.processors()))
                && access.compareTo(rule.access()) >= 0;
    }

    private List<Role> mine() {
        return defined.stream().filter(role -> entitled.contains(role.name())).toList();
    }

    private static List<Versions.Spec> specs(Role role) {
        return role.components().stream().map(Versions.Spec::parse).toList();
    }

    /// What must run here for its roles, but for what directives speak of: what one keeps from some nodes a
    /// role does not bring back.
    List<Wanted> wanted(Collection<String> directed) {
        Set<String> spokenOf = new HashSet<>(directed);
        List<Wanted> wanted = new ArrayList<>();
        for (Role role : mine()) {
            for (Versions.Spec spec : specs(role)) {
                if (spokenOf.add(spec.component())) {
                    wanted.add(Wanted.byRole(spec, role.name()));
                }
            }
        }
        return wanted;
    }

    /// Those for which all runs that they ask for.
    Set<String> taken(Collection<Running> running) {
        Set<String> taken = new TreeSet<>(entitled);
        taken.removeAll(untaken(running, Set.of()).keySet());
        return taken;
    }

    /// Those that it should have and has not, with why.
    ///
    /// @param elsewhere components that a directive keeps from this node
    Map<String, String> untaken(Collection<Running> running, Set<String> elsewhere) {
        Set<String> active = running.stream()
                .filter(r -> r.state().equals(NodeState.ACTIVE))
                .map(Running::component)
                .collect(Collectors.toSet());
        Map<String, String> untaken = new TreeMap<>();
        for (Role role : mine()) {
            specs(role).stream()
                    .map(Versions.Spec::component)
                    .filter(component -> !active.contains(component))
                    .findFirst()
                    .ifPresent(component -> untaken.put(role.name(), why(component, running, elsewhere)));
        }
        return untaken;
    }

    private static String why(String component, Collection<Running> running, Set<String> elsewhere) {
        if (elsewhere.contains(component)) {
            return "a directive says that %s does not run here".formatted(component);
        }
        return running.stream()
                .filter(r -> r.component().equals(component) && !r.problem().isEmpty())
                .map(r -> "%s does not run here: %s".formatted(component, r.problem()))
                .findFirst()
                .orElse("%s does not run here yet".formatted(component));
    }
}
