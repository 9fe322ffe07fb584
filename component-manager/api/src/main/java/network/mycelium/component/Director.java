package network.mycelium.component;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/// Does on this node what the network directs, and shows how far the network has come. A service while the
/// node belongs to a network; safe from any thread.
@ProviderType
public interface Director {
    /// A directive cannot be given; the message says why, and what to do.
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        public RefusedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Signs a directive in this node's name. Where the network asks for several signatures, it waits for the
    /// others.
    ///
    /// @param force also where it selects no member, no index has such a version, or nobody runs what it
    ///     changes from
    /// @return the directive as signed
    /// @throws RefusedException if it makes no sense, or does nothing now and is not forced; nothing is
    ///     signed then
    Directive direct(Directive directive, boolean force) throws RefusedException;

    /// Takes a directive back, signed in this node's name: what runs for it is unloaded unless somebody else
    /// needs it.
    ///
    /// @throws RefusedException if there is none for that component
    void withdraw(String component) throws RefusedException;

    /// What holds now, in the order of the components' names.
    List<Directive> directives();

    /// How far a directive that changes versions in waves has come, as this node sees it: whom it waits for,
    /// or why it was stopped. Empty if nothing holds it up.
    String course(Directive directive);

    /// Something that was said, and is not followed.
    ///
    /// @param kind `directive`, `role`, `member-roles`, `task`, or `report` of a member
    /// @param key what it is about
    /// @param signers who said it, as peer ids
    /// @param why it is not followed
    record Ignored(String kind, String key, List<String> signers, String why) {}

    /// What this node does not follow because it makes no sense, at most 256.
    List<Ignored> ignored();

    /// What a member runs, as it last told.
    ///
    /// @param peer its peer id
    /// @param alive whether it was heard within the last three seconds
    /// @param roles see [Roles#of]
    /// @param untaken roles that it should have and has not, with why
    /// @param maintenance until when it is in maintenance, if it is
    /// @param components what it runs, and what became of roll-outs there
    /// @param leftOut how many components its report had no room for
    record NodeReport(
            String peer,
            String name,
            boolean alive,
            Optional<Instant> maintenance,
            Set<String> roles,
            Map<String, String> untaken,
            List<Running> components,
            int leftOut) {}

    /// @param version empty if it does not run; of `REJECTED` and `HALTED` the number of the directive
    /// @param state as in [ComponentStatus.State]; `MISSING`: it should run and does not; `REJECTED`: the
    ///     node tried the version and went back; `HALTED`: the node saw too many fail
    /// @param problem why it does not run as directed, or empty
    record Running(String component, String version, String state, String problem) {}

    /// All members, in the order of their names.
    List<NodeReport> nodes();

    /// Puts this node into maintenance, or ends it: what runs on a number of nodes runs elsewhere meanwhile,
    /// what runs on all goes on, and nothing is loaded or updated here. It ends by itself, and outlives a
    /// restart.
    ///
    /// @param until empty: now
    /// @throws RefusedException if that cannot be kept on disk
    void maintain(Optional<Instant> until) throws RefusedException;

    /// The peer ids of the members on which a directive's component should run now.
    List<String> placement(Directive directive);
}
