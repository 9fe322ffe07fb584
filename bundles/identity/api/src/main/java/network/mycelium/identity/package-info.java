/// Which network this node belongs to ([NetworkIdentity]), what its members have signed for all of it
/// ([Statements]), and who may ([Charters]).
@Export
@Version("3.0.0")
package network.mycelium.identity;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
