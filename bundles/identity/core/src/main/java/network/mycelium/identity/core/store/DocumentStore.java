package network.mycelium.identity.core.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.SignatureCheck;

/// The documents of one network that a node keeps. Order of arrival, duplicates and clocks do not matter for what
/// holds. One thread at a time.
public final class DocumentStore {
    private static final String NOT_YET = "comes with the next change";

    /// @param genesis the network's
    /// @param signatures how signatures are checked
    public DocumentStore(Document<Genesis> genesis, SignatureCheck signatures) {}

    /// Takes what is new in an item and forgets what that makes needless. Never throws for what is in the bytes.
    ///
    /// @param item an [network.mycelium.identity.core.document.Item] as bytes
    /// @param now this node's clock in milliseconds: for what is said once, and for how many signatures are checked
    public Outcome offer(byte[] item, Sender from, long now) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    public Holding holding() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// Of all pins the highest counts. What was kept of charters that now lost is forgotten in time.
    public void pin(Pin pin) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    public Optional<Pin> pinned() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// Forgets what was said once and is over. Cheap; once a minute is enough.
    ///
    /// @param now see [Holding#now]
    public void forget(long now) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// Version and hash of the last charter that holds: what two nodes compare first.
    public Pin tip() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// The hashes of the path, version 0 first: what two nodes with different tips tell each other.
    public List<Hash> path() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// The charters of the path after the last that a peer also has, each followed by the lists of its roots. The peer
    /// takes them in this order, and asks again while it gets any.
    ///
    /// @param theirs the peer's path
    /// @param limit in bytes; one item is given always
    public List<byte[]> pathAfter(List<Hash> theirs, int limit) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// One hash for each item but the path's charters, over document and signers: what two nodes with the same tip
    /// compare. Rivals, proposals and lists are among them.
    public Set<Hash> digests() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// The items of these digests, in an order in which they can be taken; ones that are not kept any more are left
    /// out.
    ///
    /// @param limit in bytes; one item is given always
    public List<byte[]> items(Collection<Hash> digests, int limit) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// One document with the signatures that are kept of it, as an item.
    ///
    /// @param document hash of a charter, statement or rotation, or a root
    public Optional<byte[]> item(Hash document) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// What a member shows to others: certificate, renewals and rotations, as items in the order in which they are to
    /// be
    /// taken. Empty for one that has no certificate, as an operator by the charter.
    public List<byte[]> credentials(String member) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// All that is kept, as items: what lies on the disk. Offered to a new store in this order, by [Sender#DISK], they
    /// give the same store again. The pin and [#onceForgotten] are written beside them.
    public List<byte[]> everything() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// The latest `expires` among what was said once and is forgotten, in milliseconds: none up to it is taken again.
    public long onceForgotten() {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// After a start, what [#onceForgotten] said before. The later of it and the present one counts.
    public void onceForgotten(long expires) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// What would fall and come back if a charter that follows the tip held.
    ///
    /// @param lists the lists of its roots
    public Preview preview(Charter next, Collection<network.mycelium.identity.core.document.RootList> lists) {
        throw new UnsupportedOperationException(NOT_YET);
    }

    /// Another store with the same content.
    public DocumentStore copy() {
        throw new UnsupportedOperationException(NOT_YET);
    }
}
