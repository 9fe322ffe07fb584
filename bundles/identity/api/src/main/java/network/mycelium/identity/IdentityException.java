package network.mycelium.identity;

/// Something about identity or membership could not be done; the message says what, and what to do.
public final class IdentityException extends Exception {
    private static final long serialVersionUID = 1L;

    /// What the caller may do.
    public enum Kind {
        /// Not as things are: this node is in a network already, or in none.
        STATE,
        /// The one who asks may not: ask an operator.
        DENIED,
        /// The document is forged, damaged or of another network: get another.
        INVALID,
        /// Nobody who can help was reached: try again later.
        UNREACHABLE,
        NOT_FOUND,
        /// The disk refused.
        STORAGE
    }

    private final Kind kind;

    public IdentityException(Kind kind, String message) {
        this(kind, message, null);
    }

    public IdentityException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
