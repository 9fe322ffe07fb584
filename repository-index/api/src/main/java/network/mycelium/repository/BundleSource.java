package network.mycelium.repository;

import java.io.IOException;
import java.io.InputStream;
import org.osgi.annotation.versioning.ConsumerType;

/// A place that may hold bundles: a folder, a web server, peers. Registered as an OSGi service; sources are asked
/// in order of falling `service.ranking`. A source need not be trusted: the caller checks every byte against the
/// digest.
///
/// Threading: called from any thread, several at a time.
@ConsumerType
public interface BundleSource {
    /// A short name for plans, events and logs, such as `folder` or `peers`.
    String name();

    /// Whether it is worth asking this source for the bundle. Must not block.
    boolean mayHave(BundleRef bundle);

    /// Opens the bundle's bytes. May block; honours its own time limits for connecting and for every read.
    ///
    /// @throws IOException when the bundle cannot be had here; the next source is asked
    InputStream open(BundleRef bundle) throws IOException;
}
