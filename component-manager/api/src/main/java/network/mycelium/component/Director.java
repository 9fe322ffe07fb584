package network.mycelium.component;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/// Does on this node what the network directs, and shows how far the network has come. A service while the node belongs
/// to a network; safe from any thread.
@ProviderType
public interface Director {
    /// A directive cannot be given; the message says why, and what to do.
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        public RefusedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Signs a directive in this node's name. Where the network asks for several signatures, it waits for the others.
    ///
    /// @return the directive as signed
    Directive direct(Directive directive) throws RefusedException;

    /// What holds now, in the order of the components' names.
    List<Directive> directives();

    /// What a member runs, as it last told.
    ///
    /// @param peer its peer id
    /// @param alive whether it was heard within the last three seconds
    /// @param roles see [Roles#of]
    /// @param maintenance until when it is in maintenance, if it is
    record NodeReport(
            String peer,
            String name,
            boolean alive,
            Optional<Instant> maintenance,
            Set<String> roles,
            List<Running> components) {}

    /// @param version empty if it does not run
    /// @param state as in [ComponentStatus.State], or `MISSING`
    /// @param problem why it does not run as directed, or empty
    record Running(String component, String version, String state, String problem) {}

    /// All members, in the order of their names.
    List<NodeReport> nodes();

    /// Puts this node into maintenance, or ends it: what runs on a number of nodes runs elsewhere meanwhile, what
    /// runs on all goes on, and nothing is loaded or updated here. It ends by itself, and outlives a restart.
    ///
    /// @param until empty: now
    /// @throws RefusedException if that cannot be kept on disk
    void maintain(Optional<Instant> until) throws RefusedException;

    /// The peer ids of the members on which a directive's component should run now.
    List<String> placement(Directive directive);
}
