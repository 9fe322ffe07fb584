package network.mycelium.greeter;

import org.osgi.annotation.versioning.ProviderType;

/// Greets. Safe from any thread.
@ProviderType
public interface Greeter {
    /// @param name whom to greet
    String greet(String name);
}
