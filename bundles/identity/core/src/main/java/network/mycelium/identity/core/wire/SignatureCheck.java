package network.mycelium.identity.core.wire;

/// Says whether a signature is a key's. Pure: the same arguments give the same answer.
@FunctionalInterface
public interface SignatureCheck {
    /// @param signingInput what was signed, see [SigningInput]
    boolean verify(Key key, byte[] signingInput, byte[] signature);
}
