package network.mycelium.component;

/// A wish to change what runs.
///
/// @param spec `NAME`, `NAME@VERSION` or `NAME@RANGE`
/// @param holder who wants it; kept as the reason of a load, and survives restarts
/// @param force load a component that is in quarantine, or unload one that others hold
public record Change(Kind kind, String spec, String holder, boolean force) {
    public enum Kind {
        LOAD,
        /// Gives up the holder's wish; the component goes if nobody else needs it.
        UNLOAD,
        /// To the highest version that the spec allows, beside the old one until it is ready. Never to one that is
        /// older than what runs, unless the spec does not allow that.
        UPDATE,
        /// Back to the version that ran before the last update.
        ROLLBACK
    }
}
