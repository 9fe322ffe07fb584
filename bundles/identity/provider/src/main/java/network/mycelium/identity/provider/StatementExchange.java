package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Two members compare what they hold and give each other what is missing: when they connect, and now and then with
/// one of those that are connected, for gossip promises nothing.
///
/// One stream: the opener says what it holds, a hash for each statement; the other answers with what the opener lacks
/// and which it wants itself; the opener sends those.
final class StatementExchange implements ProtocolHandler, ConnectionListener, AutoCloseable {
    static final String PROTOCOL = "/mycelium/statements/1.0.0";
    private static final Logger LOG = System.getLogger(StatementExchange.class.getName());
    private static final int MAX_SUMMARY = 4 << 20;
    /// What is given at once; the rest follows at the next comparison, in the order in which it must be taken.
    private static final int MAX_GIVEN = 4 << 20;
    private static final int MAX_STATEMENTS = MAX_GIVEN + 2 * SignedStatement.MAX_SIZE + MAX_SUMMARY;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Host host;
    private final SpreadStatements statements;
    private final Thread regular;
    private volatile boolean closed;

    StatementExchange(Host host, SpreadStatements statements) {
        this.host = host;
        this.statements = statements;
        this.regular = Thread.ofVirtual().name("statements").unstarted(this::compareNowAndThen);
    }

    StatementExchange start() {
        regular.start();
        host.connections().forEach(this::connected);
        return this;
    }

    /// The one who dialled asks.
    @Override
    public void connected(Connection connection) {
        if (connection.outbound()) {
            Thread.ofVirtual().name("statements " + connection.peer()).start(() -> compare(connection));
        }
    }

    private void compareNowAndThen() {
        while (!closed) {
            LockSupport.parkNanos(PERIOD.toNanos());
            List<Connection> open = host.connections();
            if (!closed && !open.isEmpty()) {
                compare(open.get(ThreadLocalRandom.current().nextInt(open.size())));
            }
        }
    }

    private void compare(Connection connection) {
        try (Stream stream = connection.open(PROTOCOL)) {
            stream.timeout(PATIENCE);
            Map<String, SignedStatement> mine = byHash();
            Delimited.write(stream, hashes(mine.keySet()));
            var answer = new ProtoReader(Delimited.read(stream.input(), MAX_STATEMENTS));
            var wanted = new ProtoWriter();
            int given = 0;
            List<byte[]> news = new ArrayList<>();
            for (int field; (field = answer.next()) != 0; ) {
                switch (field) {
                    case 1 -> news.add(answer.bytes());
                    case 2 -> {
                        SignedStatement found = mine.get(answer.text());
                        if (found != null && given < MAX_GIVEN) {
                            byte[] bytes = found.toBytes();
                            given += bytes.length;
                            wanted.bytes(1, bytes);
                        }
                    }
                    default -> {}
                }
            }
            Delimited.write(stream, wanted.toBytes());
            statements.takeAll(news);
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "no comparison of statements with {0}: {1}", connection.peer(), e.getMessage());
        }
    }

    @Override
    public void handle(Stream stream) throws IOException {
        stream.timeout(PATIENCE);
        Map<String, SignedStatement> mine = byHash();
        var theirs = new ProtoReader(Delimited.read(stream.input(), MAX_SUMMARY));
        List<String> missing = new ArrayList<>();
        try {
            for (int field; (field = theirs.next()) != 0; ) {
                String hash = field == 1 ? theirs.text() : "";
                if (field == 1 && mine.remove(hash) == null) {
                    missing.add(hash);
                }
            }
            var answer = new ProtoWriter();
            int giving = 0;
            for (SignedStatement statement : mine.values()) {
                byte[] bytes = statement.toBytes();
                if (giving < MAX_GIVEN) {
                    answer.bytes(1, bytes);
                }
                giving += bytes.length;
            }
            missing.forEach(hash -> answer.text(2, hash));
            Delimited.write(stream, answer.toBytes());
            var given = new ProtoReader(Delimited.read(stream.input(), MAX_STATEMENTS));
            List<byte[]> news = new ArrayList<>();
            for (int field; (field = given.next()) != 0; ) {
                if (field == 1) {
                    news.add(given.bytes());
                }
            }
            statements.takeAll(news);
        } catch (IllegalArgumentException e) {
            throw new IOException("The peer compares statements in a way that is not understood", e);
        }
    }

    /// By what it says and who signed it; in the order in which they must be taken.
    private Map<String, SignedStatement> byHash() {
        Map<String, SignedStatement> all = new LinkedHashMap<>();
        for (SignedStatement statement : statements.whole()) {
            String signers = String.join(
                    ",",
                    statement.envelopes().keySet().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList());
            byte[] hash = Genesis.digest(statement.payload(), signers.getBytes(StandardCharsets.UTF_8));
            all.put(java.util.HexFormat.of().formatHex(hash, 0, 16), statement);
        }
        return all;
    }

    private static byte[] hashes(Iterable<String> all) {
        var out = new ProtoWriter();
        all.forEach(hash -> out.text(1, hash));
        return out.toBytes();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(regular);
    }
}
