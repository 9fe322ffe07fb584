package network.mycelium.repository;

/// Something about a repository could not be done. The message says what, where, and what to do; [#kind] says
/// what the caller may do about it.
public final class RepositoryException extends Exception {
    private static final long serialVersionUID = 1;

    /// What the caller may do.
    public enum Kind {
        /// The source does not answer or broke off: another source or a later try may succeed.
        UNAVAILABLE,
        /// The content is not what its publisher signed, or is no valid index or bundle: never retry these bytes.
        INVALID,
        /// The content is validly signed, but this node does not trust it: the operator decides.
        UNTRUSTED,
        /// What was asked for is in no index.
        NOT_FOUND,
        /// The local disk or its quota refused: free some space.
        STORAGE,
        /// The request contradicts what is there, such as another content for a published version.
        CONFLICT
    }

    private final Kind kind;

    public RepositoryException(Kind kind, String message) {
        this(kind, message, null);
    }

    public RepositoryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
