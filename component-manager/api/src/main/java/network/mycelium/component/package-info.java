/// What a node runs beyond its core, and why: components come by lease, after a plan, and go when nobody needs
/// them. The entry point is [ComponentManager][network.mycelium.component.ComponentManager].
@Export
@Version("2.0.0")
package network.mycelium.component;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
