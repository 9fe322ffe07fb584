package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Statement;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.store.Alarm;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;

/// The documents of a network on this node: what holds is worked out by a [DocumentStore], and what it keeps lies
/// in a [DocumentArchive], spreads on a topic and is told to listeners. Safe from any thread.
final class NetworkDocuments {
    private static final Logger LOG = System.getLogger(NetworkDocuments.class.getName());
    /// How long one peer's documents are waited for while their signatures are checked.
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// Longer documents are not told by gossip: the next comparison brings them.
    private static final int MAX_GOSSIP = 512 << 10;

    /// How old the members' clocks may be by which something is shown.
    private static final Duration CLOCKS_KEPT = Duration.ofSeconds(1);

    private static final String DOCUMENTS = "documents";
    private static final String CHARTER = "charter";

    private final Document<Genesis> genesis;
    private final InstantSource clock;
    private final DocumentArchive archive;
    private final NetworkState state;
    private final FallenStatements fallen;
    private final Supplier<Collection<Long>> clocks;
    /// Guarded by this, as are all that lies on the disk and what was shown.
    private final DocumentStore store;

    private final Map<Register, Held> shown = new HashMap<>();
    /// Whether another charter holds since what holds was told last.
    private boolean charterChanged;

    private List<Long> othersClock = List.of();
    private long clocksAsked = System.nanoTime() - 2 * CLOCKS_KEPT.toNanos();
    private final List<Alarm> raised = new ArrayList<>();
    private final Announcements announcements = new Announcements();
    private volatile Consumer<PeerId> behind = peer -> {};
    private volatile Consumer<PeerId> forger = peer -> {};
    private volatile Topic topic;

    /// @param clocks of the members that are connected, in milliseconds
    NetworkDocuments(
            Document<Genesis> genesis,
            Path folder,
            NodeSigner signer,
            InstantSource clock,
            Supplier<Collection<Long>> clocks)
            throws IOException {
        this.genesis = genesis;
        this.clock = clock;
        this.clocks = clocks;
        this.state = new NetworkState(folder.resolve(CHARTER));
        this.fallen = new FallenStatements(folder.resolve("fallen"));
        this.store = new DocumentStore(genesis, signer.check());
        state.pin().ifPresent(store::pin);
        store.onceForgotten(state.onceForgotten());
        this.archive = new DocumentArchive(folder.resolve(DOCUMENTS), store, clock);
        archive.load();
        store.holding().all().forEach(held -> shown.put(held.statement().register(), held));
    }

    /// Writes the documents of a node that begins.
    ///
    /// @param now in milliseconds
    static void keep(Path folder, List<byte[]> items, Optional<Pin> pin, long now) throws IOException {
        DocumentArchive.write(folder.resolve(DOCUMENTS), items, now);
        if (pin.isPresent()) {
            new NetworkState(folder.resolve(CHARTER)).pin(pin.get());
        }
    }

    Document<Genesis> genesis() {
        return genesis;
    }

    /// Reads what holds.
    synchronized <T> T read(Function<Holding, T> question) {
        return question.apply(store.holding());
    }

    /// Reads what is shown now.
    synchronized <T> T view(Function<MemberView, T> question) {
        return question.apply(new MemberView(store.holding(), now()));
    }

    /// Reads or uses the store itself; nothing is kept of what the question changes there.
    synchronized <T> T store(Function<DocumentStore, T> question) {
        return question.apply(store);
    }

    /// The time to show by.
    private long now() {
        long nanos = System.nanoTime();
        if (nanos - clocksAsked > CLOCKS_KEPT.toNanos()) {
            clocksAsked = nanos;
            // The latest alone counts; none of them is ahead of this node's in the end.
            othersClock = clocks.get().stream()
                    .max(Comparator.naturalOrder())
                    .map(List::of)
                    .orElse(List.of());
        }
        return store.holding().now(clock.millis(), othersClock);
    }

    /// From now on what is new is told to the members that follow the topic, and theirs is taken.
    ///
    /// @param ask called with a peer that knows charters or lists that this node lacks
    /// @param disconnect called with a peer that sent too many signatures that are none
    void spread(Topic on, Consumer<PeerId> ask, Consumer<PeerId> disconnect) {
        behind = ask;
        forger = disconnect;
        on.validate(this::verdict);
        topic = on;
    }

    /// Its author signed the message and answers for it: who passed it on may have found enough in it that is good.
    private Topic.Verdict verdict(Topic.Message message) {
        PeerId peer = message.via().orElse(message.from());
        Outcome outcome = take(message.data(), author(message.from()));
        return switch (outcome) {
            case Outcome.Kept kept -> {
                if (kept.charters() && !read(Holding::missingLists).isEmpty()) {
                    behind.accept(peer);
                }
                yield Topic.Verdict.ACCEPT;
            }
            case Outcome.Refused refused -> {
                LOG.log(Level.DEBUG, "a document by {0} is refused: {1}", message.from(), refused.why());
                yield Topic.Verdict.REJECT;
            }
            case Outcome.Disconnect _ -> {
                forger.accept(message.from());
                yield Topic.Verdict.IGNORE;
            }
            case Outcome.NeedsCharter _, Outcome.NeedsList _, Outcome.NeedsPinned _ -> {
                behind.accept(peer);
                // This node is the one that knows too little, so nobody is blamed.
                yield Topic.Verdict.IGNORE;
            }
            case Outcome.Nothing _, Outcome.Wait _ -> Topic.Verdict.IGNORE;
        };
    }

    private Sender author(PeerId from) {
        return view(view -> view.isMember(from)) ? Sender.member(from.toString()) : Sender.stranger(from.toString());
    }

    /// Takes a document of somebody else's.
    Outcome take(byte[] item, Sender from) {
        Outcome outcome;
        List<Statement> changes = List.of();
        synchronized (this) {
            outcome = store.offer(item, from, clock.millis());
            if (outcome instanceof Outcome.Kept kept) {
                archive.keep(List.of(kept.document()));
                charterChanged |= kept.charters();
                changes = changes();
            }
        }
        if (outcome instanceof Outcome.Kept) {
            tell(changes);
        }
        return outcome;
    }

    /// Takes many, in the order in which they can be judged; waits while their signatures are more than may be
    /// checked at once.
    ///
    /// @param from this node itself, or a peer by its id
    /// @return how many were new
    /// @throws IOException if the peer, which is disconnected then, sent too many bad signatures
    int takeAll(Collection<byte[]> items, Sender from) throws IOException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        List<Hash> news = new ArrayList<>();
        List<Statement> changes;
        try {
            for (byte[] item : items) {
                while (true) {
                    Outcome outcome;
                    synchronized (this) {
                        outcome = store.offer(item, from, clock.millis());
                        if (outcome instanceof Outcome.Kept kept) {
                            news.add(kept.document());
                            charterChanged |= kept.charters();
                        }
                    }
                    if (outcome instanceof Outcome.Disconnect bad) {
                        forger.accept(PeerId.parse(from.peer()));
                        throw new IOException(bad.why());
                    }
                    if (!(outcome instanceof Outcome.Wait wait) || System.nanoTime() > until) {
                        break;
                    }
                    LockSupport.parkNanos(Duration.ofMillis(wait.milliseconds()).toNanos());
                }
            }
        } finally {
            synchronized (this) {
                archive.keep(news);
                changes = changes();
            }
            if (!news.isEmpty()) {
                tell(changes);
            }
        }
        return news.size();
    }

    /// Takes what was exported on another node, and tells the others of it.
    ///
    /// @throws IdentityException INVALID if it is nothing exported, or is refused
    List<Item> takeExported(byte[] exported) throws IdentityException {
        List<Item> items = Exported.items(exported);
        for (Item item : items) {
            byte[] bytes = item.toBytes();
            Outcome outcome = take(bytes, Sender.member("a file"));
            if (outcome instanceof Outcome.Refused(String why)) {
                throw new IdentityException(
                        IdentityException.Kind.INVALID, "What was exported is refused: %s.".formatted(why));
            }
            publish(outcome);
        }
        return items;
    }

    /// When this node got a document.
    synchronized Instant arrived(Hash document) {
        return archive.arrived(document);
    }

    /// What began and ceased to hold since the last call. Whatever a charter made fall is kept apart.
    private List<Statement> changes() {
        // Until it can be judged nothing is told, and what was shown is shown on: most of it comes back.
        if (isWaiting()) {
            return List.of();
        }
        archive.judge();
        Holding holding = store.holding();
        DocumentStore.Changes since = store.takeChanges();
        Set<Register> registers = new TreeSet<>(since.registers());
        if (since.all()) {
            registers.addAll(shown.keySet());
            holding.all().forEach(held -> registers.add(held.statement().register()));
        }
        List<Statement> changes = new ArrayList<>();
        List<Held> fell = new ArrayList<>();
        for (Register register : registers) {
            Optional<Held> holds = holding.holds(register);
            Held before = holds.isPresent() ? shown.put(register, holds.get()) : shown.remove(register);
            if (holds.isEmpty() && before != null) {
                fell.add(before);
                changes.add(MemberView.statement(before));
            } else if (holds.filter(held -> before == null || !held.document().equals(before.document()))
                    .isPresent()) {
                changes.add(MemberView.statement(holds.get()));
            }
        }
        if (charterChanged) {
            fallen.add(fell, clock.millis());
            charterChanged = false;
        }
        return changes;
    }

    /// Whether a charter that this node is sure of, or a list of the charter, is still to come.
    private boolean isWaiting() {
        Holding holding = store.holding();
        return holding.missingPin().isPresent() || !holding.missingLists().isEmpty();
    }

    /// What is shown of a kind now.
    synchronized List<Statement> of(String kind) {
        if (!isWaiting()) {
            return new MemberView(store.holding(), now()).of(kind);
        }
        long now = now();
        return shown.values().stream()
                .filter(held -> held.statement().kind().equals(kind) && !Holding.expired(held, now))
                .sorted(Comparator.comparing(held -> held.statement().register()))
                .map(MemberView::statement)
                .toList();
    }

    synchronized Optional<Statement> find(Register register) {
        if (!isWaiting()) {
            return new MemberView(store.holding(), now()).find(register);
        }
        long now = now();
        return Optional.ofNullable(shown.get(register))
                .filter(held -> !Holding.expired(held, now))
                .map(MemberView::statement);
    }

    /// Who is certainly no member: while a list is missing nobody's certificate is judged.
    synchronized boolean isFormer(PeerId peer) {
        return !isWaiting() && !new MemberView(store.holding(), now()).isMember(peer);
    }

    private void tell(List<Statement> changes) {
        raiseAlarms();
        announcements.tell(changes);
    }

    private synchronized void raiseAlarms() {
        List<Alarm> now = store.holding().alarms();
        now.stream()
                .filter(alarm -> !raised.contains(alarm))
                .forEach(alarm -> LOG.log(Level.WARNING, "the network''s charter: {0}", CharterOffice.text(alarm)));
        raised.clear();
        raised.addAll(now);
    }

    /// Takes what this node signed itself, which lies on the disk already, and tells it.
    Outcome say(byte[] item) {
        Outcome outcome = take(item, Sender.DISK);
        publish(outcome);
        return outcome;
    }

    /// Not under the lock: gossip has one of its own, under which it asks the validator.
    private void publish(Outcome outcome) {
        Topic on = topic;
        if (on != null && outcome instanceof Outcome.Kept kept) {
            store(known -> known.item(kept.document()))
                    .filter(whole -> whole.length <= MAX_GOSSIP)
                    .ifPresent(on::publish);
        }
    }

    Announcements announcements() {
        return announcements;
    }

    /// Statements that a charter made fall, the last first.
    synchronized List<FallenStatements.Fallen> fallen() {
        return fallen.all(store.holding());
    }

    synchronized Set<Hash> digests() {
        return store.digests();
    }

    synchronized List<byte[]> items(Collection<Hash> digests, int limit) {
        return store.items(digests, limit);
    }

    synchronized Pin tip() {
        return store.tip();
    }

    synchronized List<Hash> path() {
        return store.path();
    }

    synchronized List<byte[]> pathAfter(List<Hash> theirs, int limit) {
        return store.pathAfter(theirs, limit);
    }

    /// Whatever proves to somebody who knows the charters that this peer is a member.
    synchronized List<byte[]> credentials(PeerId peer) {
        return new MemberView(store.holding(), now())
                .state(peer)
                .map(member -> store.credentials(member.id()))
                .orElse(List.of());
    }

    synchronized List<byte[]> everything() {
        return store.everything();
    }

    /// When a recovery code was last shown to this node, or when the network began.
    synchronized Instant codeChecked() {
        return Instant.ofEpochMilli(
                Math.max(state.codeChecked(), genesis.content().created()));
    }

    synchronized void codeChecked(Instant now) throws IOException {
        state.codeChecked(now.toEpochMilli());
    }

    void pin(Pin pin) throws IOException {
        List<Statement> changes;
        synchronized (this) {
            state.pin(pin);
            store.pin(pin);
            charterChanged = true;
            changes = changes();
        }
        tell(changes);
    }

    /// Called now and then.
    ///
    /// @param ran since the last call
    void tick(Duration ran) throws IOException {
        List<Statement> changes;
        synchronized (this) {
            store.forget(now());
            state.onceForgotten(store.onceForgotten());
            List<Pin> path = new ArrayList<>();
            store.holding()
                    .path()
                    .forEach(charter -> path.add(new Pin(charter.content().version(), charter.hash())));
            state.follow(path, ran).ifPresent(store::pin);
            changes = changes();
        }
        tell(changes);
    }
}
