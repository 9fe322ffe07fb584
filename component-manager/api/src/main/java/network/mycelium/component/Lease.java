package network.mycelium.component;

import org.osgi.annotation.versioning.ProviderType;

/// Somebody's need for a component.
@ProviderType
public interface Lease extends AutoCloseable {
    String component();

    /// The version that was loaded for this lease. An update may have replaced it since.
    String version();

    String holder();

    /// Gives the component up. Without another lease it is unloaded after the linger time. Closing twice does
    /// nothing.
    @Override
    void close();
}
