package network.mycelium.component;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// The events of the past, kept in the node's database.
@ProviderType
public interface ComponentHistory {
    /// The latest events, the newest first.
    ///
    /// @param component only of this one; empty for all
    /// @param limit at most so many
    List<ComponentEvent> recent(String component, int limit);
}
