/// The sample capability: greetings.
@Export
@Version("1.0.0")
package network.mycelium.greeter;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
