package network.mycelium.repository;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.resource.Resource;
import org.osgi.resource.Wire;
import org.osgi.resource.Wiring;

/// The indexes that this node trusts, and the resolver over all of them.
///
/// An index is an OSGi R5 repository document (OSGi Compendium 132) with an Ed25519 signature in its last line. Its
/// `increment` is the sequence number: an index older than the one last seen from the same publisher is refused, so
/// that nobody can bring back a version with a known fault. The signature holds until an instant: from a web server's
/// index after that nothing new is loaded, so that nobody can hold a mended version back for ever either.
///
/// Threading: safe from any thread. Reads use the last verified indexes; [#refresh] replaces them as a whole.
@ProviderType
public interface RepositoryIndex {
    /// A trusted index.
    ///
    /// @param location a folder or http(s) URL that holds `index.xml`
    /// @param publisher id of the key that must have signed it; empty: accepted without signatures
    /// @param sequence the last sequence number seen, -1 before the first refresh
    /// @param bundles how many bundles it lists
    /// @param problem why the last refresh failed, or empty
    record Source(URI location, Optional<String> publisher, long sequence, int bundles, String problem) {}

    /// What a resolution asks for.
    ///
    /// @param requirements in the syntax of `Require-Capability`, one requirement a string
    /// @param present what is installed already, resolved or not; preferred over anything in an index
    /// @param wirings the wirings of those in `present` that are resolved
    /// @param avoid digests of bundles that must not be chosen from an index
    record Request(
            List<String> requirements,
            Collection<? extends Resource> present,
            Map<Resource, Wiring> wirings,
            Set<String> avoid) {}

    /// A solution.
    ///
    /// @param roots for each requirement of the request, in its order, the resource that meets it
    /// @param install the bundles that are not present and have to be, in a stable order
    /// @param wires which resource is wired to which, for those to install
    /// @param warnings requirements on services that no known bundle declares; they may still be met at run time
    record Resolution(
            List<Resource> roots,
            Map<Resource, BundleRef> install,
            Map<Resource, List<Wire>> wires,
            List<String> warnings) {}

    /// The requirements cannot all be met. The message names each that is missing and who asked for it.
    final class Unresolvable extends Exception {
        private static final long serialVersionUID = 1;

        public Unresolvable(String message) {
            super(message);
        }
    }

    List<Source> sources();

    /// Trusts an index from now on, once it was fetched and verified.
    ///
    /// @param publisher id of the key that must have signed it; empty: digests alone are checked
    Source add(URI location, Optional<String> publisher) throws RepositoryException;

    /// Forgets an index. What was installed from it stays.
    void remove(URI location) throws RepositoryException;

    /// Fetches all indexes anew; one that fails keeps its last verified content and tells its problem.
    List<Source> refresh();

    /// Bundles whose symbolic name or component name contains the text, newest version first.
    List<BundleRef> search(String text);

    /// The component's name that a bundle provides (`mycelium.component`), if it does.
    Optional<String> componentOf(BundleRef bundle);

    /// Finds bundles that meet the requirements together with what they in turn require. Deterministic: the same
    /// indexes and request give the same answer. Present resources are preferred, then higher versions.
    Resolution resolve(Request request) throws Unresolvable;
}
