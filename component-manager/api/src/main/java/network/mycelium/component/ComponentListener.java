package network.mycelium.component;

import org.osgi.annotation.versioning.ConsumerType;

/// Told of every transition. Register it as a service. Called one event after the other, on a thread of its own,
/// after the fact; a listener that blocks delays the others, not the manager.
@ConsumerType
public interface ComponentListener {
    void changed(ComponentEvent event);
}
