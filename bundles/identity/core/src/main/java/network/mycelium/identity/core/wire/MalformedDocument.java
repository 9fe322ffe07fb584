package network.mycelium.identity.core.wire;

/// Bytes that are no document, or not in the one canonical form, or above a bound. The only exception that a parser of
/// this module throws. Whoever reads from a peer drops that document and goes on.
public final class MalformedDocument extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public MalformedDocument(String message) {
        super(message);
    }
}
