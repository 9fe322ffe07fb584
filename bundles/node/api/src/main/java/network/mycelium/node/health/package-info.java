/// What a bundle looks at to tell whether all is well with it, and what to do if not.
@Export
@Version("1.0.0")
package network.mycelium.node.health;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
