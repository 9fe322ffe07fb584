package network.mycelium.libp2p;

import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/// Replaces the key of this node, in two steps, so that others can be told between them. A service; safe from any
/// thread.
@ProviderType
public interface NodeKeys {
    /// Makes the next key and keeps it beside the present one. One that was made before and never adopted is forgotten.
    ///
    /// @return signs with the next key
    Envelopes prepare() throws IOException;

    /// The prepared key takes the place of the present one when the node starts the next time; the present one is gone
    /// from the disk. Atomic.
    ///
    /// @throws IOException if none was prepared
    void adopt() throws IOException;
}
