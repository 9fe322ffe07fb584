package network.mycelium.repository;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/// One bundle as an index names it. The digest is its identity: two references with the same digest are the same
/// bytes.
///
/// @param symbolicName `Bundle-SymbolicName`
/// @param version `Bundle-Version`, in the OSGi form `major.minor.micro.qualifier`
/// @param sha256 SHA-256 of the bytes, 64 lower-case hexadecimal digits
/// @param size length in bytes
/// @param location where the index says that the bytes are
/// @param publisher id of the key that signed this bundle; empty where the source was added as unsigned
/// @param signature the publisher's Ed25519 signature over name, version, size and digest, Base64; checked
///     whenever the bytes are loaded; empty without a publisher
/// @param licence the bundle's `Bundle-License`, or empty
/// @param chunks what it consists of, in its order, so that each part can be checked as it comes in, and taken from
///     another version that has it too; empty where the index does not say
public record BundleRef(
        String symbolicName,
        String version,
        String sha256,
        long size,
        URI location,
        Optional<String> publisher,
        String signature,
        String licence,
        List<Chunk> chunks) {

    /// The largest chunk, in bytes.
    public static final int MAX_CHUNK = 256 * 1024;

    /// A part of a bundle.
    public record Chunk(String sha256, int size) {}

    /// Name and version, as people and error messages write it.
    public String id() {
        return symbolicName + " " + version;
    }
}
