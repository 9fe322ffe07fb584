package network.mycelium.identity;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import network.mycelium.libp2p.PeerId;
import org.osgi.annotation.versioning.ProviderType;

/// Who may speak for the network: a chain of charters, each signed by enough of those whom the one before names. A
/// service while the node belongs to a network; safe from any thread.
///
/// A recovery code is given as its words, divided by spaces; it is used and forgotten.
@ProviderType
public interface Charters {
    /// @param since the version of the charter from which it was operator without a break
    record Operator(String name, PeerId peer, int since) {}

    /// Who must sign a kind of statement.
    ///
    /// @param kind `*` for all that have no rule of their own
    /// @param operators how many of them; 0 where the quorum of the validators signs
    /// @param once whether each is said once
    record Rule(String kind, int operators, boolean once) {}

    /// @param hash 64 hexadecimal digits
    /// @param recovery keys that sign charters alone, off the machines
    /// @param threshold how many operators and recovery keys together must sign the next one
    /// @param roots lists of statements that stand, whoever signed them
    /// @param floor statements made under earlier charters stand by a list alone
    record Charter(
            int version,
            String hash,
            int attempt,
            Instant made,
            List<Operator> operators,
            List<PeerId> recovery,
            int threshold,
            List<Rule> rules,
            List<PeerId> validators,
            List<String> roots,
            int floor) {}

    /// A charter that follows the present one, or would.
    ///
    /// @param signers who signed it
    /// @param missing signatures that it takes still; 0 if it holds
    record Proposal(Charter charter, List<PeerId> signers, int missing) {}

    /// What a charter would change.
    ///
    /// @param falls statements that hold and would not
    /// @param comesBack statements that would hold then
    /// @param mayBeLost how many keyholders could be lost after, and the rest could still amend
    record Effect(List<Statement> falls, List<Statement> comesBack, int mayBeLost) {}

    /// What stands of what somebody said who is no operator any more.
    ///
    /// @param before null for all; only what this node got before that
    /// @param only null for all; only these, as `KIND KEY`
    /// @param revocations whether revocations stand, whatever else does
    record Keep(Instant before, Set<String> only, boolean revocations) {
        public static final Keep ALL = new Keep(null, null, true);
        public static final Keep NONE = new Keep(null, Set.of(), true);
    }

    /// What to change.
    sealed interface Change {
        /// Another operator; it takes the place of a recovery key while there is one.
        ///
        /// @param sameRules whether as many must sign what as before; else most of the operators must,
        ///     where most of them had to
        record Add(String name, PeerId peer, boolean sameRules) implements Change {
            public Add(String name, PeerId peer) {
                this(name, peer, false);
            }
        }

        /// @param stays whether it stays an ordinary member, if it has a certificate
        record Remove(PeerId peer, Keep keep, boolean stays) implements Change {}

        /// An operator has another key.
        record Replace(PeerId peer, PeerId next, Keep keep) implements Change {}

        /// Other recovery keys take the place of those that there are.
        ///
        /// @param keys see [Charters#newCodes]
        record Recovery(List<PeerId> keys) implements Change {}

        /// @param operators 0 for the quorum
        /// @param validators null to leave them as they are
        record Decide(String kind, int operators, List<PeerId> validators) implements Change {}

        /// Closes the past: one list of all that holds takes the place of all signatures and lists before.
        record Close() implements Change {}

        /// Proposes again what another charter, which lost, had said.
        record Rebase(String hash) implements Change {}
    }

    Charter present();

    /// All that hold, from the first to the present one.
    List<Charter> path();

    /// Those that lost.
    List<Charter> rivals();

    List<Proposal> proposals();

    /// What an operator must know: forks, locked members, bounds that are near.
    List<String> alarms();

    /// What a change would do; nothing is signed.
    Effect preview(Change change) throws IdentityException;

    /// What a proposal would do.
    ///
    /// @param hash or how it begins
    Effect preview(String hash) throws IdentityException;

    /// Signs a change by this node's key and these codes, and tells the others.
    Proposal propose(Change change, List<String> codes) throws IdentityException;

    /// Adds this node's signature and those of codes to a proposal, or to a charter that holds, which then is
    /// harder to undo.
    ///
    /// @param hash or how it begins
    Proposal sign(String hash, List<String> codes) throws IdentityException;

    /// Never follows another charter in its place. Decides between two that each have enough signatures.
    ///
    /// @param hash or how it begins
    void pin(String hash) throws IdentityException;

    /// Charters after the same one that this node signed before: they may hold where this node cannot see, and this
    /// one would undo them there.
    ///
    /// @param hash of a proposal, or how it begins
    List<String> undoes(String hash) throws IdentityException;

    /// Whether a code is one of the present charter's. If it is, that somebody still has it is remembered.
    boolean checkCode(String code) throws IdentityException;

    /// When a code of the present charter was last shown to this node, or when the network began.
    Instant codeChecked();

    /// A recovery code that was just made.
    ///
    /// @param words to be kept off the machines; told once
    /// @param key what a charter names
    record RecoveryCode(String words, PeerId key) {}

    /// Makes codes, which say nothing until a charter names them: see [Change.Recovery].
    List<RecoveryCode> newCodes(int number);

    /// A charter or proposal with its signatures, to be signed elsewhere.
    ///
    /// @param hash or how it begins
    byte[] export(String hash) throws IdentityException;

    /// Takes one back.
    Proposal take(byte[] exported) throws IdentityException;
}
