package network.mycelium.repository;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// The repository of the network: indexes of publishers whom the network's operators approved, held by all members,
/// and the bundles in them, held by some. A service while the node belongs to a network; safe from any thread.
@ProviderType
public interface NetworkRepository {
    /// A publisher's index, as the network approved it.
    ///
    /// @param sequence the index's own number, which only grows
    /// @param problem why this node does not have it yet, or empty
    record Offer(String publisher, long sequence, int bundles, String problem) {}

    /// Offers a repository folder of this node to all members: its index, as signed, from now on and on every node, and
    /// its bundles by this node, which keeps them.
    ///
    /// @param publisher id of the key that signed the index
    /// @return the bundles
    /// @throws RepositoryException UNTRUSTED if this node may not decide for the network, INVALID if the index or a
    ///     bundle is not what was signed
    List<BundleRef> offer(Path repository, String publisher) throws RepositoryException;

    List<Offer> offers();
}
