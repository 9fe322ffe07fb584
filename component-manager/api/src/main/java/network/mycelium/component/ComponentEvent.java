package network.mycelium.component;

import java.time.Instant;

/// Something that happened to a component.
///
/// @param cause who or what caused it: a holder, `linger`, `memory`, `supervisor` or `boot`
/// @param detail more in words, or empty
public record ComponentEvent(Instant time, Type type, String component, String version, String cause, String detail) {
    public enum Type {
        LOADED,
        UNLOADED,
        UPDATED,
        ROLLED_BACK,
        /// A change failed and was undone.
        CHANGE_FAILED,
        HELD,
        RELEASED,
        /// A loaded component stopped working.
        FAILED,
        RESTARTED,
        QUARANTINED,
        /// It left something behind: a thread, or a bundle that would not stop.
        LEAKED
    }
}
