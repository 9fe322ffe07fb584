package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.identity.core.wire.SignatureCheck;

/// The documents of one network that a node keeps. Order of arrival, duplicates and clocks do not matter for what
/// holds. One thread at a time.
public final class DocumentStore {
    private final Kept kept;
    private final Verifier verifier;
    private final Intake intake;
    /// What is kept, by digest; null where that is to be worked out anew. Nodes ask for it every few seconds.
    private Map<Hash, Item> sets;

    /// @param genesis the network's
    /// @param signatures how signatures are checked
    public DocumentStore(Document<Genesis> genesis, SignatureCheck signatures) {
        this(new Kept(genesis), new Verifier(signatures));
    }

    private DocumentStore(Kept kept, Verifier verifier) {
        this.kept = kept;
        this.verifier = verifier;
        this.intake = new Intake(kept, verifier);
    }

    /// Takes what is new in an item and forgets what that makes needless. Never throws for what is in the bytes.
    ///
    /// @param item an [Item] as bytes
    /// @param now this node's clock in milliseconds: for what is said once, and for how many signatures are checked
    public Outcome offer(byte[] item, Sender from, long now) {
        if (verifier.isSpent(from, now)) {
            return new Outcome.Disconnect(
                    "it sent %d signatures that are no signatures".formatted(Limits.BAD_SIGNATURES));
        }
        try {
            Outcome outcome = intake.offer(Item.parse(item), from, now);
            // What found no place may have cost another one's.
            if (outcome instanceof Outcome.Kept || outcome instanceof Outcome.Nothing) {
                sets = null;
            }
            return outcome;
        } catch (MalformedDocument e) {
            return new Outcome.Refused(e.getMessage());
        }
    }

    /// What may hold otherwise than before.
    ///
    /// @param all whether it may be any register
    /// @param registers those, if not all
    public record Changes(boolean all, Set<Register> registers) {}

    /// Since the last call; all of them at the first one.
    public Changes takeChanges() {
        return kept.takeChanges();
    }

    public Holding holding() {
        return new LiveHolding(kept);
    }

    /// Of all pins the highest counts. What was kept of charters that now lost is forgotten in time.
    public void pin(Pin pin) {
        sets = null;
        kept.charters.pin(pin);
        kept.charters.settle();
        kept.rebuild();
    }

    public Optional<Pin> pinned() {
        return kept.charters.pin();
    }

    /// Forgets what was said once and is over. Cheap; once a minute is enough.
    ///
    /// @param now see [Holding#now]
    public void forget(long now) {
        sets = null;
        kept.forget(now);
    }

    /// Version and hash of the last charter that holds: what two nodes compare first.
    public Pin tip() {
        return new Pin(kept.charters.path().size() - 1, kept.charters.tip().hash());
    }

    /// The hashes of the path, version 0 first: what two nodes with different tips tell each other.
    public List<Hash> path() {
        return kept.charters.path().stream().map(CharterBook.Entry::hash).toList();
    }

    /// The charters of the path after the last that a peer also has, then the lists of the tip's roots. The peer takes
    /// them in this order, and asks again while it gets any.
    ///
    /// @param theirs the peer's path
    /// @param limit in bytes; one item is given always
    public List<byte[]> pathAfter(List<Hash> theirs, int limit) {
        int common = 0;
        while (common < theirs.size() && kept.charters.isOnPath(common, theirs.get(common))) {
            common++;
        }
        return Offers.within(limit, Offers.path(kept.charters, kept.lists, common));
    }

    /// One hash for each item but the path's kept.charters, over document and signers: what two nodes with the same tip
    /// compare. Rivals, proposals and lists are among them.
    public Set<Hash> digests() {
        return Collections.unmodifiableSet(sets().keySet());
    }

    private Map<Hash, Item> sets() {
        if (sets == null) {
            sets = Offers.sets(kept.charters, kept.lists, kept.statements, kept.members);
        }
        return sets;
    }

    /// The items of these digests, in an order in which they can be taken; ones that are not kept any more are left
    /// out.
    ///
    /// @param limit in bytes; one item is given always
    public List<byte[]> items(Collection<Hash> digests, int limit) {
        Set<Hash> wanted = new HashSet<>(digests);
        return Offers.within(
                limit,
                sets().entrySet().stream()
                        .filter(entry -> wanted.contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    /// One document with the signatures that are kept of it, as an item.
    ///
    /// @param document hash of a charter, statement or rotation, or a root
    public Optional<byte[]> item(Hash document) {
        return kept.statements
                .find(document)
                .<Item>map(entry -> new Item.OfStatement(entry.signed()))
                .or(() -> kept.charters
                        .find(document)
                        .filter(entry -> entry.charter().version() > 0)
                        .map(entry -> new Item.OfCharter(entry.signed())))
                .or(() -> kept.members.find(document).map(step -> new Item.OfRotation(step.signed())))
                .or(() -> kept.lists.find(document).map(Item.OfRoot::new))
                .map(Item::toBytes);
    }

    /// What a member shows to others: certificate, renewals and rotations, as items in the order in which they are to
    /// be
    /// taken. Empty for one that has no certificate, as an operator by the charter.
    public List<byte[]> credentials(String member) {
        return kept
                .members
                .member(member)
                .map(state -> Offers.credentials(state, kept.statements, kept.members))
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    /// All that is kept, as items: what lies on the disk. Offered to a new store in this order, by [Sender#DISK], they
    /// give the same store again. The pin and [#onceForgotten] are written beside them.
    public List<byte[]> everything() {
        List<byte[]> all = new ArrayList<>();
        Offers.path(kept.charters, kept.lists, 1).forEach(item -> all.add(item.toBytes()));
        Set<Hash> path = new HashSet<>(path());
        for (Item item : sets().values()) {
            boolean isDouble =
                    item instanceof Item.OfCharter(Signed signed) && path.contains(Hash.sha256(signed.document()))
                            || item instanceof Item.OfRoot(RootList list)
                                    && kept.charters.tip().charter().roots().contains(list.root());
            if (!isDouble) {
                all.add(item.toBytes());
            }
        }
        return all;
    }

    /// The latest `expires` among what was said once and is forgotten, in milliseconds: none up to it is taken again.
    public long onceForgotten() {
        return kept.onceForgotten;
    }

    /// After a start, what [#onceForgotten] said before. The later of it and the present one counts.
    public void onceForgotten(long expires) {
        kept.onceForgotten = Math.max(kept.onceForgotten, expires);
    }

    /// What would fall and come back if a charter that follows the tip held.
    ///
    /// @param known the lists of its roots that are not kept here yet
    public Preview preview(Charter next, Collection<RootList> known) {
        List<Document<Charter>> path = new ArrayList<>(holding().path());
        byte[] bytes = next.toBytes();
        path.add(new Document<>(next, bytes, Hash.sha256(bytes)));
        Map<Hash, RootList> all = new HashMap<>(kept.lists.all());
        known.forEach(list -> all.put(list.root(), list));
        var then = new StatementBook(new Authority(path, all), kept.statements.all());
        return Preview.between(kept.statements, then, next);
    }

    /// Another store with the same content.
    public DocumentStore copy() {
        return new DocumentStore(new Kept(kept), verifier);
    }

    /// The list of a root, if it is known.
    public Optional<RootList> list(Hash root) {
        return kept.lists.find(root);
    }

    public Document<Genesis> genesis() {
        return kept.genesis;
    }

    public boolean hasStatement(Hash document) {
        return kept.statements.find(document).isPresent();
    }

    /// Whether an operator may say one more thing about a register without going over its quota.
    public boolean hasPlace(Key operator, Register register) {
        return kept.statements.hasPlace(operator, register);
    }

    /// The highest generation of a member of which a certificate is kept, or 0.
    public int certified(String member) {
        return generations(member, false);
    }

    /// The highest generation of a member of which a certificate or a revocation is kept, or 0.
    public int usedGeneration(String member) {
        return generations(member, true);
    }

    private int generations(String member, boolean revocations) {
        return kept.statements.of(Register.member(member)).stream()
                .map(entry -> entry.statement().member().orElseThrow())
                .filter(m -> revocations || !m.revoked())
                .mapToInt(Member::generation)
                .max()
                .orElse(0);
    }
}
