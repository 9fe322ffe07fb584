package network.mycelium.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.osgi.annotation.versioning.ProviderType;

/// Verified bundles on this node's disk, fetched from the [BundleSource] services when missing.
///
/// The cache stays within its quota: bundles unused for longer than the retention time go first, then the least
/// recently used. Pinned bundles, and those that the node's current set needs, never go.
@ProviderType
public interface BundleStore {
    /// A bundle on disk.
    ///
    /// @param lastUsed milliseconds since the epoch
    record Cached(String sha256, long size, long lastUsed, boolean pinned) {}

    /// Whether the bytes are in the cache. They are checked when they are read, not here.
    boolean contains(String sha256);

    /// Sees to it that the bundle is in the cache, checked against digest, size and signature: if it is not, it
    /// comes from the sources in their order. A corrupt cache entry is removed and fetched again. Takes no memory
    /// to speak of, whatever the bundle's size. An interrupt of the thread cancels a fetch, at the latest when its
    /// source has not answered in time.
    ///
    /// @param progress told the bytes received so far; not called when the cache has the bundle
    /// @throws RepositoryException UNAVAILABLE if no source gave the right bytes, naming each source's failure;
    ///     STORAGE if the disk refused them; INVALID if it is not what its publisher signed
    Loaded load(BundleRef bundle, LongConsumer progress) throws RepositoryException;

    /// A bundle in the cache.
    ///
    /// @param source where it came from: `cache`, or the name of the [BundleSource]
    record Loaded(String source, Content content) {}

    /// A bundle's bytes.
    @FunctionalInterface
    interface Content {
        /// The bytes, which are checked once more as they are read: in place of the end comes an [IOException]
        /// if they are not the right ones, so who has read to the end has the bytes that the publisher signed,
        /// whatever happened to the file.
        InputStream open() throws IOException;
    }

    /// The bytes of a cached bundle, for whoever checks them himself.
    ///
    /// @return empty if it is not in the cache
    Optional<SeekableByteChannel> open(String sha256) throws IOException;

    /// Keeps the bundles, whatever the quota says, until the next call with the same owner.
    void retain(String owner, List<String> sha256s);

    void pin(String sha256, boolean pinned) throws RepositoryException;

    List<Cached> contents() throws RepositoryException;

    /// Removes what is over the retention time or the quota now. Also happens by itself after each load.
    ///
    /// @return bytes freed
    long trim() throws RepositoryException;
}
