package network.mycelium.component;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// Loads and unloads components while everything else keeps running.
///
/// A component is named by the capability `mycelium.component` of its root bundle, or by the symbolic name of any
/// bundle. Where a method takes a `spec`, that is `NAME`, `NAME@VERSION` for exactly one version, or `NAME@RANGE`
/// with an OSGi version range such as `greeter@[1.2,2)`.
///
/// Threading: safe from any thread; changes happen one after the other. Calls that change something block until
/// it is done or undone. Do not call them from a component's own activation: it would wait for itself.
@ProviderType
public interface ComponentManager {
    /// Makes sure that a component is loaded and stays so until the lease is closed. A lease ends with the
    /// process; what shall come back after a restart is loaded with [#run].
    ///
    /// @param holder who needs it, for people to read
    /// @throws ComponentException if it cannot be loaded; everything is then as it was before
    Lease acquire(String spec, String holder) throws ComponentException;

    /// What a change would do, without doing it.
    Plan plan(Change change) throws ComponentException;

    /// Does what the plan says, or nothing: on any failure the node is as it was before.
    ///
    /// @param progress told in words how far it is
    /// @throws ComponentException STALE if something else changed since the plan was made: plan again
    void run(Plan plan, Progress progress) throws ComponentException;

    /// All components, in the order of their names.
    List<ComponentStatus> components();

    /// Keeps a component's bundles in the cache and the component loaded when memory runs low, or no longer.
    void pin(String component, boolean pinned) throws ComponentException;

    /// Told in words how long work goes on.
    interface Progress {
        Progress NONE = text -> {};

        void report(String text);
    }
}
