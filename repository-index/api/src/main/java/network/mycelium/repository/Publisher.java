package network.mycelium.repository;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// The publisher's side: keys, and a repository folder that any web server or file share can offer.
@ProviderType
public interface Publisher {
    /// A bundle's verdict.
    ///
    /// @param problem what failed, or empty
    record Check(BundleRef bundle, String problem) {}

    /// Makes an Ed25519 key pair. The private key is readable by its owner only.
    ///
    /// @param file where the private key goes (PKCS #8, PEM); it must not exist
    /// @return the key's id, `ed25519:` and the public key in Base64url
    String generateKey(Path file) throws RepositoryException;

    /// Adds bundles to a repository, and signs each and the new index. A repository that does not exist is made.
    ///
    /// @return what was published
    /// @throws RepositoryException CONFLICT if a version was published before with another content
    List<BundleRef> publish(Path repository, Path key, List<Path> bundles) throws RepositoryException;

    /// Checks every signature and digest of a repository.
    List<Check> verify(Path repository, String publisher) throws RepositoryException;

    /// Writes a repository into one archive for machines without a network.
    void exportArchive(Path repository, String publisher, Path archive) throws RepositoryException;

    /// Verifies an archive and unpacks it as a repository folder on this node.
    ///
    /// @return the folder, ready for [RepositoryIndex#add]
    Path importArchive(Path archive, String publisher) throws RepositoryException;
}
