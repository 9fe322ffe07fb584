package network.mycelium.identity.core.member;

/// What a certificate says that a member may do. None makes an operator: that is the charter's alone.
public enum Access {
    RESTRICTED,
    READ_ONLY,
    LIMITED,
    STANDARD,
    /// Reads as [#STANDARD].
    FULL;

    /// What it comes to.
    public Access effective() {
        return this == FULL ? STANDARD : this;
    }
}
