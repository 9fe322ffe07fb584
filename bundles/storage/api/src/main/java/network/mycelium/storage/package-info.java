/// The node's relational database: H2 in the node home, or PostgreSQL by configuration, behind
/// [Database][network.mycelium.storage.Database].
@Export
@Version("1.0.0")
package network.mycelium.storage;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
