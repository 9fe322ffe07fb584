package network.mycelium.repository;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

    /// How long an index holds that is published without saying so.
    Duration VALIDITY = Duration.ofDays(90);

    /// Adds bundles to a repository, and signs each and the new index. A repository that does not exist is made.
    /// Whoever reads it meanwhile, and whoever finds it after a crash, has the old index or the new one.
    ///
    /// @param bundles none to sign the index as it is for longer
    /// @param expires when nodes that have the index from a web server no longer load from it; [Instant#MAX] for
    ///     never
    /// @return what was published
    /// @throws RepositoryException CONFLICT if a version was published before with another content
    List<BundleRef> publish(Path repository, Path key, List<Path> bundles, Instant expires) throws RepositoryException;

    /// As the other, for [#VALIDITY] from now on.
    default List<BundleRef> publish(Path repository, Path key, List<Path> bundles) throws RepositoryException {
        Instant expires = Instant.now().plus(VALIDITY).truncatedTo(ChronoUnit.SECONDS);
        return publish(repository, key, bundles, expires);
    }

    /// Checks every signature and digest of a repository.
    List<Check> verify(Path repository, String publisher) throws RepositoryException;

    /// Writes a repository into one archive for machines without a network.
    void exportArchive(Path repository, String publisher, Path archive) throws RepositoryException;

    /// Verifies an archive and unpacks it as a repository folder on this node.
    ///
    /// @return the folder, ready for [RepositoryIndex#add]
    Path importArchive(Path archive, String publisher) throws RepositoryException;
}
