package network.mycelium.component;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the network wants to run where, signed by those who may say so. There is one for a component; a newer
/// one replaces it.
///
/// @param component name of the component
/// @param versions an exact version, an OSGi version range, or empty for any
/// @param selector which members it is for
/// @param count on how many of those it runs: [#ALL], [#ON_DEMAND], a number, or 0 for none
/// @param priority which of two components gives way when a node cannot run both: the lower
/// @param rollout how the nodes come to these versions; empty: all at once
/// @param expires when it ceases to hold
/// @param sequence which of two directives is newer; set when it is signed
/// @param issued when it was signed, by its signer's clock; set when it is signed
/// @param signers who signed it, as peer ids; set when it is signed
public record Directive(
        String component,
        String versions,
        Selector selector,
        int count,
        int priority,
        Optional<Rollout> rollout,
        Instant expires,
        long sequence,
        Instant issued,
        List<String> signers) {
    /// On every member that is selected.
    public static final int ALL = -1;

    /// On those where somebody there needs it, and then in these versions.
    public static final int ON_DEMAND = -2;

    /// Whether it speaks of all that are selected, not of a number of them.
    public boolean concernsAll() {
        return count == ALL || count == ON_DEMAND;
    }

    /// What a machine has.
    ///
    /// @param memoryMiB of the machine
    /// @param processors that the node may use
    public record Resources(long memoryMiB, int processors) {
        public static final Resources NONE = new Resources(0, 0);

        public boolean areAtLeast(Resources least) {
            return memoryMiB >= least.memoryMiB && processors >= least.processors;
        }
    }

    /// Members that have one of the roles, if any is named, all of the labels, and the resources.
    public record Selector(List<String> roles, Map<String, String> labels, Resources least) {
        /// Every member.
        public static final Selector EVERY = new Selector(List.of(), Map.of());

        public Selector(List<String> roles, Map<String, String> labels) {
            this(roles, labels, Resources.NONE);
        }

        public boolean selects(
                Collection<String> memberRoles, Map<String, String> memberLabels, Resources memberResources) {
            return (roles.isEmpty() || roles.stream().anyMatch(memberRoles::contains))
                    && memberLabels.entrySet().containsAll(labels.entrySet())
                    && memberResources.areAtLeast(least);
        }
    }

    /// A change of versions in waves. There is no coordinator: every node sees what the others report, and
    /// goes when it is its turn.
    ///
    /// @param from the versions that run until then, and again if it fails
    /// @param canaries how many nodes go first
    /// @param wavePercent how many of the others go at a time
    /// @param windowSeconds how long a wave must have run well before the next one goes
    /// @param failures how many nodes may fail; with one more all go back
    /// @param paused whether nobody goes any further
    /// @param order peer ids of the nodes on which the component was to run when this was signed, in the
    ///     order in which they change. It stays as it is, whoever comes or goes: others change when all of
    ///     these run well. Set when it is signed
    public record Rollout(
            String from,
            int canaries,
            int wavePercent,
            int windowSeconds,
            int failures,
            boolean paused,
            List<String> order) {
        public Rollout {
            order = List.copyOf(order);
        }

        /// The same roll-out of the same nodes, held or let go.
        public Rollout paused(boolean now) {
            return new Rollout(from, canaries, wavePercent, windowSeconds, failures, now, order);
        }

        /// The same for nodes that change in this order.
        public Rollout of(List<String> nodes) {
            return new Rollout(from, canaries, wavePercent, windowSeconds, failures, paused, nodes);
        }
    }

    /// The same with other versions, for good.
    public Directive at(String other) {
        return new Directive(
                component, other, selector, count, priority, Optional.empty(), expires, sequence, issued, signers);
    }

    /// The same with another roll-out.
    public Directive with(Rollout other) {
        return new Directive(
                component, versions, selector, count, priority, Optional.of(other), expires, sequence, issued, signers);
    }

    /// What the component manager is asked for.
    public String spec() {
        return versions.isEmpty() ? component : component + "@" + versions;
    }
}
