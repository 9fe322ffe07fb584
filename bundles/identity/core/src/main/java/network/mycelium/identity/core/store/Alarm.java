package network.mycelium.identity.core.store;

import java.util.List;
import java.util.Set;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// What an operator must hear of.
public sealed interface Alarm {
    /// Two charters with enough signatures follow the same one.
    ///
    /// @param holds the one that won
    /// @param rivals the others that are known
    /// @param both who signed more than one of them
    record Fork(int version, Hash holds, List<Hash> rivals, Set<Key> both) implements Alarm {}

    /// Two successors of one of a member's keys: no key of it counts in this generation.
    record Locked(String member, Key key) implements Alarm {}

    /// The tip's keyholders signed a charter of a format that this version does not read.
    record UnknownFormat(long format, Hash charter) implements Alarm {}

    /// The chain is nearly as long as it may be.
    record LongChain(int charters) implements Alarm {}

    /// An operator has used nine tenths of a quota.
    record Quota(Key operator, String kind, int used, int of) implements Alarm {}
}
