package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.signer.SignerMemory;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Preview;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;

/// Drafts charters, and signs those that an honest node signs. Safe from any thread; one signs at a time.
final class CharterSigning {
    private static final int MAX_AHEAD = 16;
    private static final int LEAST_PREFIX = 4;

    private final NetworkDocuments documents;
    private final NetworkStatements statements;
    private final OwnDocuments own;
    private final NodeSigner signer;
    private final SignerFile memory;
    private final InstantSource clock;

    CharterSigning(
            NetworkDocuments documents,
            NetworkStatements statements,
            OwnDocuments own,
            NodeSigner signer,
            SignerFile memory,
            InstantSource clock) {
        this.documents = documents;
        this.statements = statements;
        this.own = own;
        this.signer = signer;
        this.memory = memory;
        this.clock = clock;
    }

    /// A charter that does not hold yet, with the lists of its roots that are new.
    record Draft(Document<Charter> charter, List<RootList> lists) {}

    static <T> T valid(Supplier<T> made) throws IdentityException {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "That is no charter: %s.".formatted(e.getMessage()), e);
        }
    }

    /// @param codes those that will sign it
    Draft draft(Change change, List<String> codes) throws IdentityException {
        List<Key> used = new ArrayList<>();
        for (String code : codes) {
            used.add(RecoveryKey.of(code).key());
        }
        Document<Charter> tip = documents.read(holding -> holding.tip());
        Hash network = documents.genesis().hash();
        int attempt;
        synchronized (memory) {
            attempt = 1
                    + Optional.ofNullable(memory.memory().attempts().get(tip.hash()))
                            .map(SignerMemory.Attempts::highest)
                            .orElse(0);
        }
        Document<Charter> lost = change instanceof Change.Rebase(String hash) ? rival(hash) : null;
        Supplier<CharterBuilder> changed = () -> lost == null
                ? new CharterBuilder(network, tip).change(change, used)
                : new CharterBuilder(network, tip).like(lost.content());
        Charter bare = valid(() -> changed.get().build(attempt, clock.millis()));
        RootList list = stands(change, bare);
        Charter whole = valid(() -> {
            CharterBuilder builder = changed.get();
            return (list.statements().isEmpty() ? builder : builder.root(list.root())).build(attempt, clock.millis());
        });
        byte[] bytes = whole.toBytes();
        return new Draft(Document.charter(bytes), list.statements().isEmpty() ? List.of() : List.of(list));
    }

    private Document<Charter> rival(String hash) throws IdentityException {
        return one(documents.read(holding -> List.copyOf(holding.rivals())), hash);
    }

    /// What is to stand of that which would fall.
    private RootList stands(Change change, Charter bare) throws IdentityException {
        Keep keep = switch (change) {
            case Change.Remove(var _, Keep k, var _) -> k;
            case Change.Replace(var _, var _, Keep k) -> k;
            default -> Keep.ALL;
        };
        List<Held> falls = preview(bare, List.of()).falls();
        return valid(() -> RootList.of(falls.stream()
                .filter(held -> isKept(held, keep))
                .map(held -> held.document().hash())
                .toList()));
    }

    private boolean isKept(Held held, Keep keep) {
        if (keep.revocations()
                && held.statement().member().filter(Member::revoked).isPresent()) {
            return true;
        }
        if (keep.only() != null) {
            return keep.only().contains(held.statement().register().toString());
        }
        return keep.before() == null
                || documents.arrived(held.document().hash()).isBefore(keep.before());
    }

    Preview preview(Charter next, Collection<RootList> lists) throws IdentityException {
        // The store is copied, so that nobody waits meanwhile.
        var copy = documents.store(store -> store.copy());
        return valid(() -> copy.preview(next, lists));
    }

    /// A charter by which this node's next key takes the place of the present one, signed by both.
    ///
    /// @return items; nothing is told yet
    List<byte[]> ownKey(NodeSigner next, List<String> codes) throws IdentityException {
        statements.awaitCompared();
        var change = new Change.Replace(NodeSigner.peer(signer.key()), NodeSigner.peer(next.key()), Keep.ALL);
        Draft draft = draft(change, codes);
        List<byte[]> items = items(draft, sign(draft, List.of(signer, next), codes));
        var copy = documents.store(store -> store.copy());
        items.forEach(item -> copy.offer(item, Sender.DISK, clock.millis()));
        if (!copy.tip().charter().equals(draft.charter.hash())) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node is an operator, and more must sign that it has another key: give a recovery code"
                            + " (--code), or have the others take it out with `network charter remove`, and add it"
                            + " again.");
        }
        return items;
    }

    private List<Signature> sign(Draft draft, List<NodeSigner> nodes, List<String> codes) throws IdentityException {
        Charter charter = draft.charter.content();
        Charter parent = documents.read(holding -> holding.charter());
        List<Signature> signatures = new ArrayList<>();
        List<Key> holders = new ArrayList<>(charter.keyholders());
        holders.addAll(parent.keyholders());
        for (NodeSigner node : nodes) {
            if (holders.contains(node.key())) {
                signatures.add(node.sign(SigningInput.CHARTER, draft.charter.hash()));
            }
        }
        int before = signatures.size();
        for (String code : codes) {
            RecoveryKey key = RecoveryKey.of(code);
            // A file with all codes of the network's first day may have some whose place operators took.
            if (holders.contains(key.key())) {
                signatures.add(key.sign(SigningInput.CHARTER, draft.charter.hash()));
            }
        }
        if (!codes.isEmpty() && signatures.size() == before) {
            throw new IdentityException(Kind.DENIED, "None of the codes is one of this network's present charter.");
        }
        if (signatures.isEmpty()) {
            throw new IdentityException(
                    Kind.DENIED, "This node may not sign charters: it is no operator (`network charter`).");
        }
        check(draft);
        remember(draft.charter);
        return signatures;
    }

    /// What no honest signer signs.
    private void check(Draft draft) throws IdentityException {
        Charter charter = draft.charter.content();
        Document<Charter> tip = documents.read(holding -> holding.tip());
        boolean holds = documents.path().contains(draft.charter.hash());
        if (!holds && !charter.parent().equals(Optional.of(tip.hash()))) {
            throw refused("it does not follow the charter that holds here");
        }
        long now = clock.millis();
        boolean likeParent = charter.made() == tip.content().made() && charter.made() > now;
        if (!holds && !likeParent && Math.abs(charter.made() - now) > Limits.CLOCK_TOLERANCE) {
            throw refused("it was made two hours or more off this node's clock");
        }
        for (RootList list : lists(charter)) {
            for (Hash statement : list.statements()) {
                if (documents.store(store -> store.item(statement)).isEmpty()) {
                    throw refused("this node lacks a statement that it keeps: compare with others first");
                }
            }
        }
    }

    private static IdentityException refused(String why) {
        return new IdentityException(Kind.DENIED, "This node does not sign that charter: %s.".formatted(why));
    }

    /// On the disk before the signature leaves.
    private void remember(Document<Charter> charter) throws IdentityException {
        Hash parent = charter.content().parent().orElseThrow();
        int attempt = charter.content().attempt();
        synchronized (memory) {
            var before = Optional.ofNullable(memory.memory().attempts().get(parent))
                    .orElse(new SignerMemory.Attempts(0, Set.of()));
            if (!before.charters().contains(charter.hash())
                    && (attempt <= before.highest() || attempt > before.highest() + MAX_AHEAD)) {
                throw refused(
                        ("it is attempt %d, and this node signed attempt %d for the same charter. That one may already"
                                        + " hold where you cannot see; propose this one anew to undo it there")
                                .formatted(attempt, before.highest()));
            }
            try {
                memory.set(memory.memory().signed(parent, attempt, charter.hash()));
            } catch (IOException e) {
                throw new IdentityException(
                        Kind.STORAGE, "It cannot be kept what is signed: %s".formatted(e.getMessage()), e);
            }
        }
    }

    private static List<byte[]> items(Draft draft, List<Signature> signatures) {
        List<byte[]> items = new ArrayList<>();
        items.add(new Item.OfCharter(Signed.of(draft.charter.bytes(), signatures)).toBytes());
        // No node takes a list that no charter names.
        draft.lists.forEach(list -> items.add(new Item.OfRoot(list).toBytes()));
        return items;
    }

    /// Signs it by this node's key and these codes, and tells the others.
    Outcome say(Draft draft, List<String> codes) throws IdentityException {
        statements.awaitCompared();
        List<byte[]> items = items(draft, sign(draft, List.of(signer), codes));
        try {
            synchronized (own) {
                for (byte[] item : items) {
                    own.add(item, clock.millis());
                }
            }
        } catch (IOException e) {
            throw new IdentityException(
                    Kind.STORAGE, "What this node signs cannot be kept: %s".formatted(e.getMessage()), e);
        }
        Outcome outcome = documents.say(items.getFirst());
        items.stream().skip(1).forEach(documents::say);
        return outcome;
    }

    List<RootList> lists(Charter charter) {
        List<RootList> lists = new ArrayList<>();
        for (Hash root : charter.roots()) {
            documents
                    .store(store -> store.item(root))
                    .map(Item::parse)
                    .filter(Item.OfRoot.class::isInstance)
                    .ifPresent(item -> lists.add(((Item.OfRoot) item).list()));
        }
        return lists;
    }

    static Document<Charter> one(List<Document<Charter>> all, String hash) throws IdentityException {
        String begin = hash.toLowerCase(Locale.ROOT);
        List<Document<Charter>> found = begin.length() < LEAST_PREFIX
                ? List.of()
                : all.stream()
                        .filter(charter -> charter.hash().toString().startsWith(begin))
                        .toList();
        if (found.size() != 1) {
            throw new IdentityException(
                    Kind.NOT_FOUND,
                    "%d charters begin with %s, of which %d digits at least are needed; `network charter log` shows them."
                            .formatted(found.size(), hash, LEAST_PREFIX));
        }
        return found.getFirst();
    }
}
