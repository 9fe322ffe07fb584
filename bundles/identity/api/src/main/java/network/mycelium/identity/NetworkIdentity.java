package network.mycelium.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import org.osgi.annotation.versioning.ProviderType;

/// This node's place in a network. While it has one, every connection proves that both ends are members before
/// anything else happens on it. A service; safe from any thread.
@ProviderType
public interface NetworkIdentity {
    /// Empty while this node belongs to none.
    Optional<Network> network();

    /// A network that was just made.
    ///
    /// @param codes recovery codes, told once: whoever has two of this node and these decides who speaks for the
    ///     network
    record Founding(Network network, List<String> codes) {}

    /// Makes a network with this node as its founder and first operator.
    ///
    /// @param recovery whether two recovery codes share its say with it. Without them who gets this node's key has
    ///     the network, for good.
    Founding init(String name, boolean recovery) throws IdentityException;

    /// Comes back as an operator of a network whose operators' keys are lost, by its recovery codes. This node must
    /// belong to none.
    ///
    /// @param genesis the network's genesis document
    /// @param address of a member, ending in `/p2p/ID`
    /// @param name of this operator
    Network recoverNetwork(byte[] genesis, Multiaddr address, String name, List<String> codes) throws IdentityException;

    /// The genesis document of this node's network: keep it with the recovery codes.
    byte[] genesis() throws IdentityException;

    /// A charter in a file, on its way.
    ///
    /// @param file its bytes
    /// @param charter what it says
    /// @param signers keys whose signatures are in it; whether they are good is checked where it is taken
    record ExportedCharter(byte[] file, Charters.Charter charter, List<PeerId> signers) {}

    /// Signs a charter that was exported by recovery codes, on a node that need not belong to any network.
    ///
    /// @param exported see [Charters#export]
    /// @param codes none to look at it only
    /// @throws IdentityException INVALID if there is no charter in it, or a code is none
    ExportedCharter signExported(byte[] exported, List<String> codes) throws IdentityException;

    /// Lets this node say things though it could not compare what it knows with another member since its start.
    void alone() throws IdentityException;

    /// What a new member will be.
    ///
    /// @param uses how many nodes may join by the ticket
    record Invitation(Access access, List<String> roles, Map<String, String> labels, int uses, Duration life) {}

    /// Makes a ticket that is shown to this node by whoever joins.
    String invite(Invitation invitation) throws IdentityException;

    /// Joins the network that a ticket is for, by the node that made it.
    ///
    /// @param name what this node is called there
    Network join(String ticket, String name) throws IdentityException;

    /// Forgets the network. Membership is not revoked by that.
    void leave() throws IdentityException;

    /// All members, revoked ones too.
    List<Member> members();

    Optional<Member> member(PeerId peer);

    /// Takes a membership back: connections to it end, on every node that learns of it. Never an operator's: that is
    /// the charter's.
    void revoke(PeerId peer) throws IdentityException;

    /// Lets one whose membership was taken back in again, under another key.
    ///
    /// @param id the peer id by which it was first known
    Statement readmit(PeerId id, PeerId next) throws IdentityException;

    /// Gives this node another key. What it was and was given stays; from now on nobody believes the old key. The
    /// node is no member by its present key any more, so it should start again at once.
    ///
    /// @param codes recovery codes, if this node is an operator and its own signatures are not enough for a charter
    /// @return this node's peer id after its next start
    PeerId rotateKey(List<String> codes) throws IdentityException;

    /// Says that a member's present key is the right one, after it gave itself another: no key before it can say
    /// otherwise any more.
    Statement confirm(PeerId member) throws IdentityException;

    /// Says that a member whose key was lost or stolen, or is claimed by two successors, has another one, chosen
    /// by it. None of its keys before is believed any more.
    ///
    /// @param lost one of the member's keys
    /// @return what was signed
    /// @throws IdentityException NOT_FOUND if there is no such member, DENIED if this node may not say that
    Statement recover(PeerId lost, PeerId next) throws IdentityException;

    /// What was done to the network from this node, oldest first, each entry bound to all before it. The oldest may
    /// be gone: the record has a bound.
    ///
    /// @throws IdentityException INVALID if the log was changed, saying where
    List<AuditEntry> audit() throws IdentityException;

    /// Compares that record with what the connected members heard of it. Waits for their answers.
    ///
    /// @throws IdentityException INVALID if the log was changed, saying where
    List<AuditWitness> checkAudit() throws IdentityException;

    /// Puts on that record what somebody did to this node. Does nothing while it belongs to no network.
    void note(Deed deed) throws IdentityException;

    /// As [#note(Deed)], where nothing is known but what was done.
    default void note(String action, String details) throws IdentityException {
        note(new Deed("", "", action, details, ""));
    }

    /// Something that was done.
    ///
    /// @param actor who did it, as this node knows him; empty for the node itself
    /// @param fingerprint of the key by which he was known; empty if by none
    /// @param action in a word
    /// @param outcome how it ended, such as `done`, `refused` or an exit code
    record Deed(String actor, String fingerprint, String action, String details, String outcome) {}

    /// @param hash SHA-256 over the hash of the entry before and this entry
    record AuditEntry(long number, Instant time, Deed deed, String hash) {
        public String action() {
            return deed.action();
        }

        public String details() {
            return deed.details();
        }
    }

    /// What a member once heard of this node's record, by this node's signature.
    ///
    /// @param entries how many the record had
    /// @param agrees whether the record still has that entry, with that hash
    record AuditWitness(PeerId member, long entries, boolean agrees) {}
}
