package network.mycelium.component;

import java.util.List;

/// A component as it is now.
///
/// @param problem why it is not active, or empty
/// @param holders who needs it: holders of leases and of wishes that survive restarts
/// @param neededBy other components that use its root bundle
/// @param bundles its bundles and all they need, without those of the core
/// @param previous the version before the last update, or empty
/// @param restarts restarts since it was last healthy for long
/// @param idleSince milliseconds since the epoch when the last holder left; 0 while held
/// @param rejected versions of it that failed too often here; kept across restarts, and loaded by force only
public record ComponentStatus(
        String name,
        String version,
        State state,
        String problem,
        List<String> holders,
        List<String> neededBy,
        List<String> bundles,
        String previous,
        boolean pinned,
        int restarts,
        long idleSince,
        List<Rejected> rejected) {

    /// A version that failed too often on this node.
    ///
    /// @param sha256 digest of its root bundle
    /// @param problem what was wrong when it was given up
    /// @param since milliseconds since the epoch
    public record Rejected(String version, String sha256, String problem, long since) {}

    public enum State {
        ACTIVE,
        /// It failed and will be restarted.
        FAILED,
        /// It failed too often and is stopped until somebody loads it with force.
        QUARANTINED
    }
}
