package network.mycelium.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.identity.IdentityException;
import network.mycelium.libp2p.PeerId;
import org.osgi.annotation.versioning.ProviderType;

/// Commands that the network gives to its nodes: signed as directives are, done by each member that is selected, once,
/// before a deadline. Who is away is told when it is back, if the deadline has not passed by then. A service while the
/// node belongs to a network; safe from any thread.
@ProviderType
public interface Orders {
    /// @param id names it, on every node
    /// @param command the words of a command of the shell
    /// @param nodes only these members; empty: all that have the roles and labels
    /// @param roles of which a member must have one; empty: any
    /// @param labels all of which a member must have
    /// @param signers who signed it
    record Order(
            String id,
            List<String> command,
            List<PeerId> nodes,
            List<String> roles,
            Map<String, String> labels,
            Instant given,
            Instant deadline,
            List<PeerId> signers) {}

    /// What became of an order on this node.
    ///
    /// @param exit 0, or else as the command failed: see [Shell#CANCELLED]
    /// @param output the end of what it wrote
    record Outcome(Instant done, int exit, String output) {}

    /// Gives an order in this node's name; where the network asks for more signatures it waits for them.
    ///
    /// @param life until its deadline
    /// @throws IdentityException DENIED if this node may not give orders
    Order give(List<String> command, List<PeerId> nodes, List<String> roles, Map<String, String> labels, Duration life)
            throws IdentityException;

    /// Those whose deadline has not passed, the oldest first.
    List<Order> orders();

    /// The members that an order is for, whether they are there or not.
    List<PeerId> concerned(Order order);

    /// Empty if it is not for this node, or not done yet, or longer ago than outcomes are kept: also after the
    /// deadline.
    Optional<Outcome> outcome(String id);
}
