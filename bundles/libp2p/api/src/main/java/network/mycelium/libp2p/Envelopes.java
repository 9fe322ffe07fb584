package network.mycelium.libp2p;

import org.osgi.annotation.versioning.ProviderType;

/// Signs with this node's key, and checks what others signed (libp2p RFC 0002). A service; safe from any thread.
@ProviderType
public interface Envelopes {
    /// A payload whose signature was checked.
    ///
    /// @param signer who signed it
    /// @param type what the payload is, as the signer said
    record Opened(PeerId signer, byte[] type, byte[] payload) {}

    /// Who signs here.
    PeerId self();

    /// @param domain what the signature is for, so that it cannot be taken for another
    /// @param type what the payload is, signed as well
    byte[] seal(String domain, byte[] type, byte[] payload);

    /// @throws IllegalArgumentException if it is no envelope, or was not signed for this domain
    Opened open(String domain, byte[] envelope);
}
