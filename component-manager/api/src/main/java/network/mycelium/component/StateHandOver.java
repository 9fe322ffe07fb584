package network.mycelium.component;

import org.osgi.annotation.versioning.ConsumerType;

/// How a component takes its state along in an update. The old and the new version each register this service;
/// the update then goes: the new version starts, the old one [#release]s, the new one [#adopt]s, the old one
/// stops.
///
/// State that must survive a crash belongs in the database; this is for what is only in memory.
@ConsumerType
public interface StateHandOver {
    /// A component's state.
    ///
    /// @param schema version of the format, chosen by the component
    record State(int schema, byte[] content) {}

    /// Stops accepting changes and hands the state out.
    State release();

    /// Takes over. Throws to refuse a schema that it cannot read: the update is then undone.
    void adopt(State state);

    /// The update failed after [#release]: go on as before.
    void resume();
}
