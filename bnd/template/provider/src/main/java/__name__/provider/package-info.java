@Capability(namespace = "mycelium.component", name = "__name__", version = "${Bundle-Version}")
package __name__.provider;

import org.osgi.annotation.bundle.Capability;
