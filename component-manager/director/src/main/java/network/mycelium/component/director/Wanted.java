package network.mycelium.component.director;

import network.mycelium.component.Directive;

/// What should be so with a component on this node.
///
/// @param versions which, as in a [Directive]
/// @param priority which of two gives way when a node cannot run both: the lower
/// @param holder for whom, as people read it
/// @param number of the directive; 0 if it is for a role
record Wanted(String component, String versions, Mode mode, int priority, String holder, long number) {
    enum Mode {
        /// It runs.
        RUN,
        /// It runs in these versions for as long as somebody here needs it.
        ON_DEMAND,
        /// Whatever of it runs goes on, and nothing is begun.
        KEEP
    }

    static Wanted by(Directive directive, Mode mode) {
        return new Wanted(
                directive.component(),
                directive.versions(),
                mode,
                directive.priority(),
                "network directive " + directive.sequence(),
                directive.sequence());
    }

    static Wanted byRole(Versions.Spec spec, String role) {
        return new Wanted(spec.component(), spec.versions().text(), Mode.RUN, 0, "network role " + role, 0);
    }

    static Wanted kept(String component) {
        return new Wanted(component, "", Mode.KEEP, 0, "network", 0);
    }

    /// What the component manager is asked for.
    String spec() {
        return versions.isEmpty() ? component : component + "@" + versions;
    }
}
