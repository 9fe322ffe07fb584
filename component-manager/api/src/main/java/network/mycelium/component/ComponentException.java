package network.mycelium.component;

/// A change could not be made, and nothing was changed. The message says what, where, and what to do; [#kind]
/// says what the caller may do about it.
public final class ComponentException extends Exception {
    private static final long serialVersionUID = 1;

    public enum Kind {
        /// No such component is known or loaded.
        NOT_FOUND,
        /// Something that it requires is in no index.
        UNRESOLVABLE,
        /// Its bundles cannot be had now: try again later.
        UNAVAILABLE,
        /// A bundle is not what its publisher signed.
        REFUSED,
        /// It was installed, did not become ready, and was removed again.
        NOT_READY,
        /// Somebody holds it, or it is part of the core: ask the operator, or use force.
        HELD,
        /// It failed too often on this node and was taken back or put in quarantine: only force loads it again.
        REJECTED,
        /// The plan is older than the node's state: plan again.
        STALE,
        /// The local disk refused to keep the new state.
        STORAGE
    }

    private final Kind kind;

    public ComponentException(Kind kind, String message) {
        this(kind, message, null);
    }

    public ComponentException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
