package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.signer.NextCharter;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Preview;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.PeerId;

/// Drafts charters, and signs those that an honest node signs. Safe from any thread; one signs at a time.
final class CharterSigning {
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
        NextCharter next = next(change, codes);
        return valid(() -> new Draft(next.charter(), next.lists()));
    }

    /// What a change would do; nothing is signed.
    Preview preview(Change change) throws IdentityException {
        NextCharter next = next(change, List.of());
        return valid(next::preview);
    }

    private NextCharter next(Change change, List<String> codes) throws IdentityException {
        Set<Key> present = new HashSet<>();
        for (String code : codes) {
            present.add(RecoveryKey.of(code).key());
        }
        // The store is copied, so that nobody waits meanwhile.
        DocumentStore store = documents.store(DocumentStore::copy);
        int attempt;
        synchronized (memory) {
            attempt = NextCharter.attempt(store, memory.memory());
        }
        NextCharter after = NextCharter.after(store, attempt, clock.millis());
        NextCharter changed = changed(after, store, change, present);
        return valid(() -> changed.standing(stands(changed, keep(change))));
    }

    private static NextCharter changed(NextCharter after, DocumentStore store, Change change, Set<Key> present)
            throws IdentityException {
        Charter before = store.holding().charter();
        return switch (change) {
            case Change.Add add -> added(after, before, add, present);
            case Change.Remove(var peer, var _, var _) -> after.remove(name(before, peer));
            case Change.Replace(var peer, var next, var _) -> after.replace(name(before, peer), NodeSigner.key(next));
            case Change.Recovery(var keys) ->
                after.recovery(keys.stream().map(NodeSigner::key).toList());
            case Change.Decide(String kind, int number, var who) -> {
                NextCharter next = who == null
                        ? after
                        : after.validators(who.stream().map(NodeSigner::key).toList());
                yield next.rule(new Rule(kind, number, before.rule(kind).once()));
            }
            case Change.Close() -> after.close();
            case Change.Rebase(String hash) -> rebased(after, store, hash);
        };
    }

    private static NextCharter added(NextCharter after, Charter before, Change.Add add, Set<Key> present)
            throws IdentityException {
        Optional<String> objection = MemberNames.objection(add.name());
        if (objection.isPresent()) {
            throw new IdentityException(Kind.INVALID, objection.get());
        }
        if (before.operators().stream().anyMatch(o -> o.name().equalsIgnoreCase(add.name()))) {
            throw new IdentityException(
                    Kind.INVALID, "There is an operator of the name %s already.".formatted(add.name()));
        }
        NextCharter next = after.add(add.name(), NodeSigner.key(add.peer()), present);
        if (add.sameRules()) {
            for (Rule rule : before.rules()) {
                next = next.rule(rule);
            }
        }
        return next;
    }

    private static String name(Charter charter, PeerId operator) throws IdentityException {
        return charter.operator(NodeSigner.key(operator))
                .map(Operator::name)
                .orElseThrow(() -> new IdentityException(
                        Kind.NOT_FOUND, "%s is no operator; `network charter` shows who is.".formatted(operator)));
    }

    private static NextCharter rebased(NextCharter after, DocumentStore store, String hash) throws IdentityException {
        List<Document<Charter>> rivals = List.copyOf(store.holding().rivals());
        Charter lost = one(rivals, hash).content();
        Charter before = Stream.concat(store.holding().path().stream(), rivals.stream())
                .filter(document -> lost.parent().equals(Optional.of(document.hash())))
                .findFirst()
                .orElseThrow(() -> new IdentityException(
                        Kind.NOT_FOUND, "The charter that %s follows is not kept here any more.".formatted(hash)))
                .content();
        return after.rebase(lost, before);
    }

    private static Keep keep(Change change) {
        return switch (change) {
            case Change.Remove(var _, Keep keep, var _) -> keep;
            case Change.Replace(var _, var _, Keep keep) -> keep;
            default -> Keep.ALL;
        };
    }

    /// What is to stand of that which would fall.
    private Set<Hash> stands(NextCharter next, Keep keep) {
        Set<Hash> stands = new HashSet<>();
        next.falling().stream()
                .filter(held -> isKept(held, keep))
                .map(held -> held.document().hash())
                .forEach(stands::add);
        if (keep.revocations()) {
            next.revocations().stream().map(held -> held.document().hash()).forEach(stands::add);
        }
        return stands;
    }

    private boolean isKept(Held held, Keep keep) {
        if (held.statement().member().filter(Member::revoked).isPresent()) {
            return false;
        }
        if (keep.only() != null) {
            return keep.only().contains(held.statement().register().toString());
        }
        return keep.before() == null
                || documents.arrived(held.document().hash()).isBefore(keep.before());
    }

    Preview preview(Charter next, Collection<RootList> lists) throws IdentityException {
        var copy = documents.store(DocumentStore::copy);
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
        var copy = documents.store(DocumentStore::copy);
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
        remember(draft);
        return signatures;
    }

    /// What no honest signer signs is refused; what is signed is on the disk before the signature leaves. One at a
    /// time, or two charters of one attempt could both be found good.
    private synchronized void remember(Draft draft) throws IdentityException {
        List<String> why = statements.checked(checks -> checks.charter(draft.charter, draft.lists, clock.millis()));
        if (!why.isEmpty()) {
            throw new IdentityException(
                    Kind.DENIED, "This node does not sign that charter: %s.".formatted(String.join("; ", why)));
        }
        Charter charter = draft.charter.content();
        synchronized (memory) {
            try {
                memory.set(memory.memory()
                        .signed(charter.parent().orElseThrow(), charter.attempt(), draft.charter.hash()));
            } catch (IOException e) {
                throw new IdentityException(
                        Kind.STORAGE, "It cannot be kept what is signed: %s".formatted(e.getMessage()), e);
            }
        }
    }

    /// Charters after the same one that this node signed before: they may hold where it cannot see, and this one would
    /// undo them there.
    Set<Hash> undoes(Document<Charter> charter) {
        return statements.checked(checks -> checks.undoes(charter));
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
