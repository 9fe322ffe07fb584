/// What a node keeps: [Database][network.mycelium.storage.Database] for what is asked by SQL,
/// [Log][network.mycelium.storage.Log] for what must be on the disk before it is acknowledged,
/// [Blocks][network.mycelium.storage.Blocks] for what is found by its hash. Logs and blocks are opened by
/// [Stores][network.mycelium.storage.Stores] and looked after by
/// [StoreAdmin][network.mycelium.storage.StoreAdmin].
@Export
@Version("1.1.0")
package network.mycelium.storage;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
