/// Which network this node belongs to ([NetworkIdentity]), and what its members have signed for all of it
/// ([Statements]).
@Export
@Version("1.0.0")
package network.mycelium.identity;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
