package network.mycelium.identity.core.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// What holds: a pure function of the set of documents and the pin. A live view of its store, so as little safe from
/// several threads as that is; [DocumentStore#copy] gives one that stays as it is.
public interface Holding {
    /// Whose key one is.
    sealed interface Who {
        /// A member by the charter.
        record IsOperator(Operator operator) implements Who {}

        record IsMember(MemberState member) implements Who {}
    }

    /// A charter that has not enough signatures yet.
    ///
    /// @param signers keyholders of it or of its parent
    /// @param missingOfParent signatures of the parent's keyholders that it still takes
    /// @param missingOfOwn signatures of its own keyholders that it still takes
    record CharterProposal(Document<Charter> charter, Collection<Key> signers, int missingOfParent, int missingOfOwn) {}

    /// SHA-256 of the genesis document.
    Hash network();

    /// The charters that hold, from version 0 to the tip.
    List<Document<Charter>> path();

    /// The last of them.
    default Document<Charter> tip() {
        return path().getLast();
    }

    default Charter charter() {
        return tip().content();
    }

    /// Present while the charter of the highest pin is not on the path: then nothing is judged, and no statement holds.
    Optional<Pin> missingPin();

    /// The roots of the tip whose lists are not known: what they alone support does not hold yet.
    List<Hash> missingLists();

    default List<Operator> operators() {
        return charter().operators();
    }

    default boolean isOperator(Key key) {
        return charter().operator(key).isPresent();
    }

    /// The statement that holds about a register. It may have expired: then nothing is to be shown, and nothing older
    /// takes its place, see [#shows].
    Optional<Held> holds(Register register);

    /// All that hold of a kind, in the order of their keys.
    List<Held> all(String kind);

    /// All that hold.
    List<Held> all();

    /// Those that hold and have not expired.
    ///
    /// @param now see [#now]
    default Optional<Held> shows(Register register, long now) {
        return holds(register).filter(held -> !expired(held, now));
    }

    /// A time is over two hours after it, so that clocks may be wrong by that.
    static boolean expired(Held held, long now) {
        long expires = held.statement().expires();
        return expires != 0 && expires < now - Limits.CLOCK_TOLERANCE;
    }

    /// The time to show by: never before the tip was made, and not ahead of all others' clocks. It neither admits nor
    /// revokes nor orders anything.
    ///
    /// @param own this node's clock, in milliseconds
    /// @param others the clocks of the members that are connected
    default long now(long own, Collection<Long> others) {
        long latest = others.stream().mapToLong(Long::longValue).max().orElse(own);
        return Math.max(charter().made(), Math.min(own, latest));
    }

    /// Those that are not revoked, in the order of their ids. Operators without a certificate are not among them.
    List<MemberState> members();

    Optional<MemberState> member(String id);

    /// An operator, else the member with this key, of two such the one with the lower id.
    Optional<Who> whose(Key key);

    /// Statements that are kept and have not enough signatures, or are over a quota.
    List<Held> proposals();

    List<CharterProposal> charterProposals();

    /// Charters that lost, and those that follow them.
    List<Document<Charter>> rivals();

    List<Alarm> alarms();
}
