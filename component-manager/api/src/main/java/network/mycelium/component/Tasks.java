package network.mycelium.component;

import java.util.List;
import java.util.Map;
import network.mycelium.component.Director.RefusedException;
import org.osgi.annotation.versioning.ProviderType;

/// Which components a kind of task takes, such as `host-vm`: rules that the network signs, so that who brings a task
/// need not know. A service while the node belongs to a network; safe from any thread.
@ProviderType
public interface Tasks {
    /// Signs a rule in this node's name.
    ///
    /// @param components as specs of the [ComponentManager]; none: there is no such task any more
    void define(String task, List<String> components) throws RefusedException;

    /// Components by task.
    Map<String, List<String>> rules();

    /// Sees to it that what a task takes runs here until the lease is closed.
    ///
    /// @param holder whose task it is
    /// @throws ComponentException if there is no such rule or a component cannot be loaded; nothing is held then
    Lease begin(String task, String holder) throws ComponentException;
}
