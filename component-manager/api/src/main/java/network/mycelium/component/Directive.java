package network.mycelium.component;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What the network wants to run where, signed by those who may say so. There is one for a component; a newer one
/// replaces it.
///
/// @param component name of the component
/// @param versions an exact version, an OSGi version range, or empty for any
/// @param selector which members it is for
/// @param count on how many of those it runs: [#ALL], a number, or 0 for none
/// @param priority which of two components gives way when a node cannot run both: the lower
/// @param expires when it ceases to hold
/// @param sequence which of two directives is newer; set when it is signed
/// @param signers who signed it, as peer ids; set when it is signed
public record Directive(
        String component,
        String versions,
        Selector selector,
        int count,
        int priority,
        Instant expires,
        long sequence,
        List<String> signers) {
    /// On every member that is selected.
    public static final int ALL = -1;

    /// Members that have one of the roles, if any is named, and all of the labels.
    public record Selector(List<String> roles, Map<String, String> labels) {
        /// Every member.
        public static final Selector EVERY = new Selector(List.of(), Map.of());

        public boolean selects(List<String> memberRoles, Map<String, String> memberLabels) {
            return (roles.isEmpty() || roles.stream().anyMatch(memberRoles::contains))
                    && memberLabels.entrySet().containsAll(labels.entrySet());
        }
    }

    /// What the component manager is asked for.
    public String spec() {
        return versions.isEmpty() ? component : component + "@" + versions;
    }
}
