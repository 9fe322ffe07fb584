package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Network;
import network.mycelium.identity.Statement;
import network.mycelium.identity.StatementAuthority;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Topic;

/// The statements of a network on this node: held in a [StatementBook], kept in a [StatementFile] before anybody is
/// told, spread on a topic. Safe from any thread.
final class SpreadStatements implements Statements {
    private static final Logger LOG = System.getLogger(SpreadStatements.class.getName());

    private final Network network;
    private final Envelopes envelopes;
    private final InstantSource clock;
    private final StatementFile file;
    private final AuditLog audit;
    /// Guarded by this.
    private final StatementBook book;
    private final List<Consumer<Statement>> listeners = new CopyOnWriteArrayList<>();
    private volatile Topic topic;

    SpreadStatements(
            Network network,
            Envelopes envelopes,
            InstantSource clock,
            StatementFile file,
            AuditLog audit,
            Collection<StatementAuthority> others)
            throws IOException {
        this.network = network;
        this.envelopes = envelopes;
        this.clock = clock;
        this.file = file;
        this.audit = audit;
        this.book = new StatementBook(network, clock, others);
        List<SignedStatement> refused = offerAll(kept(), book::offer);
        if (file.isStale(book.holding().size())) {
            List<SignedStatement> all = whole();
            // They may hold once somebody is there who may make them hold.
            refused.stream()
                    .filter(s -> s.statement().expires().isAfter(clock.instant()))
                    .forEach(all::add);
            file.rewrite(all.stream().map(SignedStatement::toBytes).toList());
        }
    }

    private List<SignedStatement> kept() throws IOException {
        List<SignedStatement> kept = new ArrayList<>();
        for (byte[] bytes : file.read()) {
            try {
                kept.add(SignedStatement.parse(envelopes, bytes));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "a statement on disk is dropped: {0}", e.getMessage());
            }
        }
        return kept;
    }

    /// There is somebody new who may make statements hold: of those on disk some may hold now.
    synchronized void reconsider() throws IOException {
        offerAll(kept(), this::offer);
    }

    /// From now on what is new is told to the members that follow the topic, and theirs is taken.
    void spread(Topic on) {
        on.validate(message -> {
            try {
                return switch (take(message.data())) {
                    case StatementBook.Outcome.Accepted _, StatementBook.Outcome.Proposed _ -> Topic.Verdict.ACCEPT;
                    case StatementBook.Outcome.Known _ -> Topic.Verdict.IGNORE;
                    case StatementBook.Outcome.Refused refused -> {
                        LOG.log(Level.DEBUG, "a statement by {0} is refused: {1}", message.from(), refused.why());
                        // This node may only not know yet who may say it, so nobody is blamed.
                        yield Topic.Verdict.IGNORE;
                    }
                };
            } catch (IllegalArgumentException e) {
                return Topic.Verdict.REJECT;
            }
        });
        topic = on;
    }

    /// Takes a statement of somebody else's.
    ///
    /// @throws IllegalArgumentException if it is none, or is forged
    StatementBook.Outcome take(byte[] bytes) {
        return offer(SignedStatement.parse(envelopes, bytes));
    }

    /// Takes many, in whatever order they come: who may say one of them another one may tell.
    ///
    /// @throws IllegalArgumentException if one is none, or is forged; then none is taken
    void takeAll(List<byte[]> statements) {
        offerAll(
                statements.stream()
                        .map(bytes -> SignedStatement.parse(envelopes, bytes))
                        .toList(),
                this::offer);
    }

    /// @return what was refused
    private static List<SignedStatement> offerAll(
            List<SignedStatement> statements, Function<SignedStatement, StatementBook.Outcome> offer) {
        List<SignedStatement> left = statements;
        boolean moved = true;
        while (moved && !left.isEmpty()) {
            List<SignedStatement> refused = new ArrayList<>();
            for (SignedStatement statement : left) {
                if (offer.apply(statement) instanceof StatementBook.Outcome.Refused why) {
                    LOG.log(Level.DEBUG, "{0} is refused: {1}", statement.id(), why.why());
                    refused.add(statement);
                }
            }
            moved = refused.size() < left.size();
            left = refused;
        }
        return left;
    }

    private StatementBook.Outcome offer(SignedStatement signed) {
        StatementBook.Outcome outcome;
        synchronized (this) {
            outcome = book.offer(signed);
            boolean changed = outcome instanceof StatementBook.Outcome.Accepted
                    || outcome instanceof StatementBook.Outcome.Proposed;
            if (changed) {
                try {
                    file.append(signed.toBytes());
                } catch (IOException e) {
                    // It holds all the same, and is asked for again after a restart.
                    LOG.log(Level.WARNING, "the statement " + signed.id() + " cannot be kept", e);
                }
            }
        }
        if (outcome instanceof StatementBook.Outcome.Accepted) {
            find(signed.statement().kind(), signed.statement().key()).ifPresent(this::tell);
        }
        return outcome;
    }

    /// One call at a time, but never under the lock of the statements: a slow listener delays other listeners alone.
    private void tell(Statement statement) {
        synchronized (listeners) {
            for (Consumer<Statement> listener : listeners) {
                try {
                    listener.accept(statement);
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "a listener for statements failed: " + listener, e);
                }
            }
        }
    }

    @Override
    public Statement publish(String kind, String key, byte[] body, Duration life) throws IdentityException {
        SignedStatement signed;
        Instant now = clock.instant();
        synchronized (this) {
            signed = SignedStatement.sign(
                    envelopes, network.id(), kind, key, book.next(kind, key), now, now.plus(life), body);
        }
        return say(signed, "say");
    }

    @Override
    public Statement approve(String kind, String key) throws IdentityException {
        SignedStatement proposal;
        synchronized (this) {
            proposal = book.proposal(kind, key)
                    .orElseThrow(() -> new IdentityException(
                            Kind.NOT_FOUND,
                            "Nothing about the %s %s waits for approval; `network proposals` shows what does."
                                    .formatted(kind, key)));
        }
        return say(proposal.approvedBy(envelopes), "approve");
    }

    /// Says what this node signed by itself.
    Statement say(SignedStatement signed, String action) throws IdentityException {
        if (offer(signed) instanceof StatementBook.Outcome.Refused refused) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node cannot say that to the network %s: %s.".formatted(network.name(), refused.why()));
        }
        // Admitting and revoking are put on record with their reasons by who does them.
        if (!signed.statement().kind().equals(MemberCodec.KIND)) {
            audit.append(
                    clock.instant(),
                    action,
                    "%s, number %d".formatted(signed.id(), signed.statement().sequence()));
        }
        Topic on = topic;
        if (on != null) {
            on.publish(signed.toBytes());
        }
        return signed.statement();
    }

    @Override
    public synchronized List<Statement> of(String kind) {
        Instant now = clock.instant();
        return book.holding().stream()
                .map(SignedStatement::statement)
                .filter(s -> s.kind().equals(kind) && s.expires().isAfter(now))
                .sorted(java.util.Comparator.comparing(Statement::key))
                .toList();
    }

    @Override
    public synchronized Optional<Statement> find(String kind, String key) {
        return book.find(kind, key).map(SignedStatement::statement);
    }

    @Override
    public synchronized List<Statement> proposals() {
        return book.proposals().stream().map(SignedStatement::statement).toList();
    }

    /// Everything, proposals too, memberships first.
    synchronized List<SignedStatement> whole() {
        List<SignedStatement> all = new ArrayList<>(book.holding());
        all.addAll(book.proposals());
        return all;
    }

    /// Reads the book.
    synchronized <T> T read(Function<StatementBook, T> question) {
        return question.apply(book);
    }

    @Override
    public AutoCloseable listen(Consumer<Statement> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
