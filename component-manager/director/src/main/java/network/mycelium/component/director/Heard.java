package network.mycelium.component.director;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Running;
import network.mycelium.identity.Member;
import network.mycelium.node.command.Access;

/// A member that is counted as living, and what it last said of itself.
///
/// @param peer its peer id
/// @param roles that it has
/// @param maintained whether it is in maintenance now
/// @param atMillis when it was last heard, by the clock that is handed to whoever decides
record Heard(String peer, Member member, NodeState state, Set<String> roles, boolean maintained, long atMillis) {
    Heard(Member member, NodeState state, Set<String> roles, boolean maintained, long atMillis) {
        this(member.peer().toString(), member, state, roles, maintained, atMillis);
    }

    /// Whether a member may run components at all.
    static boolean takesPart(Member member) {
        return member.access().compareTo(Access.STANDARD) >= 0;
    }

    /// Whether a directive's selector selects it, and it takes part at all.
    boolean isSelected(Directive directive) {
        return takesPart(member) && directive.selector().selects(roles, member.labels(), state.resources());
    }

    /// Whether it runs one of these versions of a component.
    boolean runs(String component, Versions versions) {
        return running(component).anyMatch(r -> r.state().equals(NodeState.ACTIVE) && versions.includes(r.version()));
    }

    /// Whether it runs the component, in whatever version.
    boolean runs(String component) {
        return running(component).anyMatch(r -> r.state().equals(NodeState.ACTIVE));
    }

    /// What it says became of a roll-out on it.
    Optional<String> says(Directive directive, String state) {
        String number = Long.toString(directive.sequence());
        return running(directive.component())
                .filter(r -> r.state().equals(state) && r.version().equals(number))
                .map(Running::problem)
                .findFirst();
    }

    private Stream<Running> running(String component) {
        return state.running().stream().filter(r -> r.component().equals(component));
    }
}
