/// Where bundles come from: signed indexes ([RepositoryIndex][network.mycelium.repository.RepositoryIndex]), the
/// places that hold the bytes ([BundleSource][network.mycelium.repository.BundleSource]), the verified cache
/// ([BundleStore][network.mycelium.repository.BundleStore]) and the publisher's side
/// ([Publisher][network.mycelium.repository.Publisher]). The formats are in docs/formats.md.
@Export
@Version("1.0.0")
package network.mycelium.repository;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
