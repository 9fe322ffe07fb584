package network.mycelium.component;

import java.util.List;

/// What a change will do. Bundles are named `NAME VERSION`.
///
/// @param change what was asked for
/// @param generation number of the state of the node that the plan starts from
/// @param component name of the component, as resolved
/// @param version its version after the change; empty if it goes
/// @param fetch bundles that are not in the cache
/// @param fetchBytes their size together
/// @param install bundles that will be added, in the order of their start
/// @param stop bundles that will be stopped and removed, in that order
/// @param keep bundles that the component uses and that are there already
/// @param refresh removed bundles whose class loaders go at once; those missing here wait until nobody uses their
///     classes
/// @param restart unrelated bundles that would be restarted: always empty, because such a change is not planned
/// @param warnings what may still be missing at run time
public record Plan(
        Change change,
        long generation,
        String component,
        String version,
        List<String> fetch,
        long fetchBytes,
        List<String> install,
        List<String> stop,
        List<String> keep,
        List<String> refresh,
        List<String> restart,
        List<String> warnings) {

    /// Whether the plan changes only who holds the component.
    public boolean changesNoBundle() {
        return install.isEmpty() && stop.isEmpty();
    }
}
