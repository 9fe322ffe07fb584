/// Commands that a bundle brings to the shells of its node: as data ([Command]), in groups that are services
/// ([CommandGroup]). What they answer is data too ([Table]), so that people and programs read the same.
@Export
@Version("1.0.0")
package network.mycelium.node.command;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
