package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Statements;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.signer.SignerChecks;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.PeerId;

/// What this node says to its network, and what it refuses to say. Safe from any thread.
final class NetworkStatements implements Statements {
    /// A longer life is one without an end.
    private static final Duration FOREVER = Duration.ofDays(50 * 365);
    /// How long somebody who speaks waits for the first comparison after a start.
    private static final Duration UNTIL_COMPARED = Duration.ofSeconds(10);

    private final NetworkDocuments documents;
    private final OwnDocuments own;
    private final NodeSigner signer;
    private final SignerFile memory;
    private final InstantSource clock;
    private final AuditLog audit;
    /// The last charter that was seen to hold; guarded by this.
    private Hash tip;

    /// Open once this node has compared what it knows with another one, or is told that there is none.
    private final CountDownLatch compared = new CountDownLatch(1);

    NetworkStatements(
            NetworkDocuments documents,
            OwnDocuments own,
            NodeSigner signer,
            SignerFile memory,
            InstantSource clock,
            AuditLog audit) {
        this.documents = documents;
        this.own = own;
        this.signer = signer;
        this.memory = memory;
        this.clock = clock;
        this.audit = audit;
        this.tip = documents.tip().charter();
        // The other copy of what this node said, should that be damaged; twice, for some wait for a later charter.
        for (int i = 0; i < 2; i++) {
            own.items().forEach(item -> documents.take(item, Sender.DISK));
        }
        documents.announcements().watch(this::offerAgain);
        if (documents.read(this::isAlone)) {
            compared.countDown();
        }
    }

    private boolean isAlone(Holding holding) {
        return holding.operators().stream().allMatch(o -> o.key().equals(signer.key()))
                && holding.members().stream()
                        .allMatch(m -> m.key().filter(signer.key()::equals).isPresent());
    }

    /// Where a charter was undone, others have forgotten what its statements outranked: a revocation, perhaps.
    private synchronized void offerAgain() {
        List<Hash> path = documents.path();
        boolean undone = !path.contains(tip);
        tip = path.getLast();
        if (undone) {
            List<byte[]> items;
            synchronized (own) {
                items = own.items();
            }
            items.forEach(documents::say);
        }
    }

    void compared() {
        compared.countDown();
    }

    /// A restored backup has forgotten attempts and sequences, and would be outranked by what it said before.
    void awaitCompared() throws IdentityException {
        awaitCompared(UNTIL_COMPARED);
    }

    void awaitCompared(Duration patience) throws IdentityException {
        try {
            if (!compared.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IdentityException(
                        Kind.STATE,
                        "Since its start this node has not compared what it knows with another member, so it says"
                                + " nothing: what it would say might be outranked by what it has forgotten. Connect it"
                                + " with a member, or use `network alone` if there is none any more.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IdentityException(Kind.STATE, "The thread was interrupted", e);
        }
    }

    @Override
    public network.mycelium.identity.Statement publish(String kind, String key, byte[] body, Duration life)
            throws IdentityException {
        if (kind.equals(Member.KIND) || kind.equals("renewal")) {
            throw new IdentityException(
                    Kind.INVALID, "Certificates are made by `network invite` and `network readmit`.");
        }
        return publish(new Register(kind, key), body, life, "say");
    }

    /// @param action for the record; empty if whoever calls puts it on record
    network.mycelium.identity.Statement publish(Register register, byte[] body, Duration life, String action)
            throws IdentityException {
        awaitCompared();
        Instant now = clock.instant();
        Statement statement;
        try {
            statement = checked(checks -> {
                long sequence = checks.sequence(register, generation(register, body));
                return documents.read(holding -> Statement.of(
                        holding.network(),
                        register,
                        holding.charter().version(),
                        holding.tip().hash(),
                        sequence,
                        now.toEpochMilli(),
                        expires(now, life),
                        body));
            });
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "That cannot be said: %s.".formatted(e.getMessage()), e);
        }
        checkMaySay(statement);
        Document<Statement> document = Document.statement(statement.toBytes());
        List<String> objections = checked(checks -> checks.statement(document));
        if (!objections.isEmpty()) {
            throw refused(register, objections);
        }
        return sign(document, action);
    }

    private static IdentityException refused(Register register, List<String> why) {
        return new IdentityException(
                Kind.STATE, "This node does not sign %s: %s.".formatted(register, String.join("; ", why)));
    }

    /// Asks what an honest signer may sign, by what this node knows at one moment.
    <T> T checked(Function<SignerChecks, T> question) {
        return documents.store(store -> {
            synchronized (memory) {
                return question.apply(new SignerChecks(store, memory.memory(), signer.key()));
            }
        });
    }

    private static long expires(Instant now, Duration life) {
        return life.compareTo(FOREVER) > 0 ? 0 : now.plus(life).toEpochMilli();
    }

    private static int generation(Register register, byte[] body) {
        return switch (register.kind()) {
            case Member.KIND -> Member.parse(register.key(), body).generation();
            case Renewal.KIND -> Renewal.parse(body).generation();
            default -> 0;
        };
    }

    private void checkMaySay(Statement statement) throws IdentityException {
        boolean may = documents.read(holding -> holding.isOperator(signer.key())
                || holding.charter().rule(statement.kind()).quorum()
                        && holding.charter().validators().contains(signer.key()));
        if (!may) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node may not say that to the network %s: it is none of its operators (`network charter`)."
                            .formatted(name()));
        }
        boolean once = documents.read(
                holding -> holding.charter().rule(statement.kind()).once());
        if (once && (statement.expires() == 0 || statement.expires() > clock.millis() + Limits.ONCE_LIFETIME)) {
            throw new IdentityException(
                    Kind.INVALID, "What is said once, as %s, ends within 30 days.".formatted(statement.register()));
        }
    }

    private String name() {
        return documents.genesis().content().name();
    }

    /// Keeps it apart, takes it, tells it.
    private network.mycelium.identity.Statement say(byte[] bytes, List<Signature> signatures, String action)
            throws IdentityException {
        byte[] item = new Item.OfStatement(Signed.of(bytes, signatures)).toBytes();
        Document<Statement> document = Document.statement(bytes);
        Statement statement = document.content();
        // A machine says it again by itself; revocations would lose their places to it.
        if (!statement.kind().equals(Renewal.KIND)) {
            keepOwn(item);
        }
        var outcome = documents.say(item);
        boolean kept = documents.read(holding -> find(holding, document).isPresent());
        if (!kept) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node cannot say that to the network %s: %s is not kept (%s)."
                            .formatted(name(), statement.register(), outcome));
        }
        boolean holds = documents.read(holding -> holds(holding, document));
        int needed = documents.read(holding -> holding.charter().needed(statement.kind()));
        if (!holds && needed == 1) {
            throw new IdentityException(
                    Kind.STATE,
                    "%s does not hold: this operator has said as much as one may (`network charter close` makes room)."
                            .formatted(statement.register()));
        }
        if (!action.isEmpty()) {
            record(action, statement);
        }
        return documents.read(
                holding -> find(holding, document).map(MemberView::statement).orElseThrow());
    }

    private void record(String action, Statement statement) throws IdentityException {
        try {
            audit.append(
                    clock.instant(),
                    action,
                    "%s/%s, number %d"
                            .formatted(statement.kind(), statement.register().key(), statement.sequence()));
        } catch (IdentityException e) {
            throw new IdentityException(
                    e.kind(),
                    "%s was said, but not put on record: %s".formatted(statement.register(), e.getMessage()),
                    e);
        }
    }

    private void keepOwn(byte[] item) throws IdentityException {
        try {
            synchronized (own) {
                own.add(item, clock.millis());
            }
        } catch (IOException e) {
            throw new IdentityException(
                    Kind.STORAGE, "What this node says cannot be kept: %s".formatted(e.getMessage()), e);
        }
    }

    private static boolean holds(Holding holding, Document<Statement> document) {
        return holding.holds(document.content().register())
                .filter(held -> held.document().equals(document))
                .isPresent();
    }

    private static Optional<Held> find(Holding holding, Document<Statement> document) {
        return holding.holds(document.content().register())
                .filter(held -> held.document().equals(document))
                .or(() -> holding.proposals().stream()
                        .filter(held -> held.document().equals(document))
                        .findFirst());
    }

    @Override
    public network.mycelium.identity.Statement approve(String kind, String key) throws IdentityException {
        awaitCompared();
        var register = new Register(kind, key);
        List<Held> waiting = documents.read(holding -> holding.proposals().stream()
                .filter(p -> p.statement().register().equals(register))
                .filter(p ->
                        !p.operators().contains(signer.key()) && !p.validators().contains(signer.key()))
                .sorted(Comparator.comparing((Held p) -> p.document().hash()).reversed())
                .toList());
        if (waiting.isEmpty()) {
            throw new IdentityException(
                    Kind.NOT_FOUND,
                    "Nothing about the %s %s waits for this node's approval; `network proposals` shows what waits."
                            .formatted(kind, key));
        }
        checkMaySay(waiting.getFirst().statement());
        // Whoever proposes what no honest node signs, as the last sequence of all, does not stand in the others' way.
        List<String> objections = List.of();
        for (Held proposal : waiting) {
            objections = checked(checks -> checks.statement(proposal.document()));
            if (objections.isEmpty()) {
                return sign(proposal.document(), "approve");
            }
        }
        throw refused(register, objections);
    }

    private network.mycelium.identity.Statement sign(Document<Statement> document, String action)
            throws IdentityException {
        return say(document.bytes(), List.of(signer.sign(SigningInput.STATEMENT, document.hash())), action);
    }

    /// Stands by what another operator said, whether it holds or fell: this node signs the same document where its
    /// signature counts there, else it says the same anew.
    ///
    /// @throws IdentityException NOT_FOUND if no such thing was said
    @Override
    public network.mycelium.identity.Statement endorse(String kind, String key) throws IdentityException {
        awaitCompared();
        var register = new Register(kind, key);
        Document<Statement> said = documents
                .read(holding -> holding.holds(register).map(Held::document))
                .or(() -> documents.fallen().stream()
                        .map(FallenStatements.Fallen::document)
                        .filter(document -> document.content().register().equals(register))
                        .findFirst())
                .orElseThrow(() -> new IdentityException(
                        Kind.NOT_FOUND,
                        "Neither holds the %s %s nor did it fall; `network fallen` shows what did."
                                .formatted(kind, key)));
        Statement statement = said.content();
        checkMaySay(statement);
        boolean counts = documents.read(holding -> holding.charter()
                        .operator(signer.key())
                        .filter(operator -> operator.since() <= statement.charter())
                        .isPresent()
                && holding.charter().floor() <= statement.charter()
                && statement.charter() < holding.path().size()
                && holding.path().get(statement.charter()).hash().equals(statement.charterHash()));
        if (counts) {
            return sign(said, "endorse");
        }
        Duration life = statement.expires() == 0
                ? FOREVER.multipliedBy(2)
                : Duration.between(clock.instant(), Instant.ofEpochMilli(statement.expires()));
        return publish(register, statement.body(), life, "endorse");
    }

    @Override
    public List<network.mycelium.identity.Statement> of(String kind) {
        return documents.of(kind);
    }

    @Override
    public Optional<network.mycelium.identity.Statement> find(String kind, String key) {
        return documents.find(new Register(kind, key));
    }

    @Override
    public List<network.mycelium.identity.Statement> proposals() {
        return documents.read(holding ->
                holding.proposals().stream().map(MemberView::statement).toList());
    }

    @Override
    public List<network.mycelium.identity.Statement> fallen() {
        return documents.fallen().stream()
                .map(f -> MemberView.statement(new Held(
                        f.document(), java.util.Set.copyOf(f.signers()), java.util.Set.of(), java.util.Set.of())))
                .toList();
    }

    @Override
    public List<network.mycelium.identity.Statement> signedBy(PeerId signer) {
        List<network.mycelium.identity.Statement> all = new ArrayList<>(documents.read(
                holding -> holding.all().stream().map(MemberView::statement).toList()));
        all.addAll(fallen());
        all.removeIf(statement -> !statement.signers().contains(signer));
        return all;
    }

    @Override
    public byte[] export(String kind, String key) throws IdentityException {
        var register = new Register(kind, key);
        List<byte[]> items = documents.read(holding -> Stream.concat(
                        holding.holds(register).stream(),
                        holding.proposals().stream()
                                .filter(held -> held.statement().register().equals(register)))
                .limit(Exported.MAX_ITEMS)
                .map(held -> held.document().hash())
                .map(hash -> documents.store(store -> store.item(hash)).orElseThrow())
                .toList());
        if (items.isEmpty()) {
            throw new IdentityException(Kind.NOT_FOUND, "Nothing holds or waits about the %s %s.".formatted(kind, key));
        }
        return Exported.file(items);
    }

    @Override
    public List<network.mycelium.identity.Statement> take(byte[] exported) throws IdentityException {
        List<network.mycelium.identity.Statement> all = new ArrayList<>();
        for (Item item : documents.takeExported(exported)) {
            if (item instanceof Item.OfStatement(Signed signed)) {
                Document<Statement> document = Document.statement(signed.document());
                documents
                        .read(holding -> find(holding, document).map(MemberView::statement))
                        .ifPresent(all::add);
            }
        }
        return all;
    }

    @Override
    public AutoCloseable listen(Consumer<network.mycelium.identity.Statement> listener) {
        return documents.announcements().listen(listener);
    }
}
