package network.mycelium.component;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Director.RefusedException;
import network.mycelium.node.command.Access;
import org.osgi.annotation.versioning.ProviderType;

/// What members are to the network: `sclerotium` (full node), `rhizomorph` (adaptive semi-node), `hypha` (client), or
/// whatever a network needs. A member has the roles of its certificate, those it is promoted to, and those that a rule
/// gives it; directives select by them. A role may ask for components: a node loads them first and has the role then.
/// A service while the node belongs to a network; safe from any thread.
@ProviderType
public interface Roles {
    /// @param components what a node with this role runs, as specs of the [ComponentManager]
    /// @param rule which nodes take the role by themselves; empty: none
    record Role(String name, List<String> components, Optional<Rule> rule) {}

    /// All of it must hold; each node judges itself.
    ///
    /// @param uptime for how long it has been up
    /// @param memoryMiB memory of its machine
    /// @param access how far it is trusted at least
    record Rule(Duration uptime, long memoryMiB, int processors, Access access) {}

    /// What was decided for one member.
    enum Decision {
        /// It has the role, whatever the rule says.
        PROMOTE,
        /// It has not, whatever its certificate or the rule says.
        DEMOTE,
        /// As its certificate and the rule say.
        LEAVE
    }

    /// Signs what a role is in this node's name.
    void define(Role role) throws RefusedException;

    /// Those that were defined, in the order of their names.
    List<Role> roles();

    /// Signs a decision in this node's name.
    ///
    /// @param peer the member's peer id
    void decide(String peer, String role, Decision decision) throws RefusedException;

    /// The roles that a member has now. One that asks for components it has when it says that it runs them.
    ///
    /// @param peer the member's peer id
    Set<String> of(String peer);
}
