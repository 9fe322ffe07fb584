package network.mycelium.libp2p;

import java.io.IOException;

/// Why a connection or a stream could not be had, or ended.
public final class Libp2pException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What the caller may do about it.
    public enum Kind {
        /// No address of the peer answered: try later or find other addresses.
        UNREACHABLE,
        /// The peer, or a gate on this side, said no: ask its operator.
        REFUSED,
        /// The peer at that address is another one, or broke the protocol: do not try that address again.
        INVALID,
        /// None of the protocols is offered by the peer: ask for another.
        UNSUPPORTED,
        /// A limit of this node is reached: try later, or raise the limit.
        LIMIT,
        /// The other side, or this one, gave the stream up.
        RESET,
        /// The connection or the stream is closed.
        CLOSED
    }

    private final Kind kind;

    public Libp2pException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Libp2pException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
