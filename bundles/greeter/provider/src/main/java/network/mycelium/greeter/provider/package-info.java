@Capability(namespace = "mycelium.component", name = "greeter", version = "0.1.0")
package network.mycelium.greeter.provider;

import org.osgi.annotation.bundle.Capability;
