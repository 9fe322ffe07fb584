package network.mycelium.identity.core.store;

import network.mycelium.identity.core.wire.Hash;

/// What became of an item that was offered to the store.
public sealed interface Outcome {
    /// The store has more than before.
    ///
    /// @param charters whether another charter holds now than before: everything may hold otherwise
    /// @param holding whether anything began or ceased to hold
    /// @param document hash of the document: [DocumentStore#item] gives it with all signatures that are kept of it
    record Kept(boolean charters, boolean holding, Hash document) implements Outcome {}

    /// Nothing new in it, or nothing that is kept: it is outranked, or nobody who signed it may say it.
    record Nothing(String why) implements Outcome {}

    /// Cannot be judged before a charter is known: ask the sender for its chain, then offer this again.
    ///
    /// @param charter hash of the charter that it names
    record NeedsCharter(Hash charter) implements Outcome {}

    /// Only a root could support it, whose list is not known: ask for the list, then offer this again.
    record NeedsList(Hash root) implements Outcome {}

    /// The charter of the highest pin is not known or not checked, and nothing is judged before: ask for the chain.
    record NeedsPinned(Pin pin) implements Outcome {}

    /// No document, not in canonical form, above a bound, of another network, or never possible.
    record Refused(String why) implements Outcome {}

    /// Too many signatures to check at this moment: the peer waits.
    record Wait(long milliseconds) implements Outcome {}

    /// The peer sent too many bad signatures: end the connection.
    record Disconnect(String why) implements Outcome {}
}
