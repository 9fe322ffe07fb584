package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// How two nodes come to the same charters, at the begin of a stream, before anything else is judged: each says
/// the hash of its tip, and whether what it got last was new to it; while the tips differ and anything is new,
/// each says its path and gives what the other's lacks. Also who is behind gives: what lost here may win there.
///
/// One side leads: it speaks first in each step.
final class CharterExchange {
    /// What is given in one round.
    private static final int MAX_GIVEN = 256 << 10;
    /// One item is given always, and may be a list of its own size.
    private static final int MAX_ROUND = MAX_GIVEN + RootList.MAX_SIZE + 2 * Charter.MAX_SIZE;

    private static final int MAX_TIP = 128;
    private static final int MAX_PATH = Limits.CHARTERS * (Hash.SIZE + 2);
    /// All charters that a chain may have, and their lists.
    private static final int MAX_ROUNDS = 600;
    /// Longer messages wait for their turn: who has not proved to be a member yet may send them, too.
    private static final int SMALL = 64 << 10;

    private static final int MAX_LARGE = 8;
    private static final Semaphore LARGE = new Semaphore(MAX_LARGE);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// @param news whether anything of the last round was new to who says it
    private record Tip(Hash hash, boolean news) {}

    private final Stream stream;
    private final NetworkDocuments documents;

    private final boolean leads;

    private CharterExchange(Stream stream, NetworkDocuments documents, boolean leads) {
        this.stream = stream;
        this.documents = documents;
        this.leads = leads;
    }

    /// @param from as whom the other side is heard
    /// @return whether both have the same tip now
    static boolean run(Stream stream, NetworkDocuments documents, Sender from, boolean leads) throws IOException {
        try {
            return new CharterExchange(stream, documents, leads).run(from);
        } catch (IllegalArgumentException e) {
            throw new IOException("The peer compares charters in a way that is not understood", e);
        }
    }

    private boolean run(Sender from) throws IOException {
        boolean news = true;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Hash mine = documents.tip().charter();
            Tip theirs = tip(swap(new ProtoWriter().bytes(1, mine.bytes()).varint(2, news ? 1 : 0), MAX_TIP));
            if (theirs.hash.equals(mine)) {
                return true;
            }
            if (!news && !theirs.news) {
                return false;
            }
            var path = new ProtoWriter();
            documents.path().forEach(hash -> path.bytes(1, hash.bytes()));
            List<Hash> known = all(swap(path, MAX_PATH)).stream().map(Hash::of).toList();
            var given = new ProtoWriter();
            documents.pathAfter(known, MAX_GIVEN).forEach(item -> given.bytes(1, item));
            news = swap(given, MAX_ROUND, items -> documents.takeAll(all(items), from)) > 0;
        }
        return false;
    }

    /// What becomes of a message, which is held meanwhile.
    private interface Use<T> {
        T of(byte[] message) throws IOException;
    }

    private byte[] swap(ProtoWriter mine, int limit) throws IOException {
        return swap(mine, limit, theirs -> theirs);
    }

    private <T> T swap(ProtoWriter mine, int limit, Use<T> use) throws IOException {
        if (leads) {
            Delimited.write(stream, mine.toBytes());
        }
        int size = Delimited.size(stream.input(), limit);
        boolean large = size > SMALL;
        if (large) {
            awaitTurn();
        }
        try {
            byte[] theirs = Delimited.body(stream.input(), Math.max(0, size));
            if (!leads) {
                Delimited.write(stream, mine.toBytes());
            }
            return use.of(theirs);
        } finally {
            if (large) {
                LARGE.release();
            }
        }
    }

    private static void awaitTurn() throws IOException {
        try {
            if (!LARGE.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("Too many peers compare long chains of charters at once");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The thread was interrupted", e);
        }
    }

    private static Tip tip(byte[] message) {
        var in = new ProtoReader(message);
        byte[] hash = {};
        boolean news = false;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> hash = in.bytes();
                case 2 -> news = in.varint() != 0;
                default -> {}
            }
        }
        return new Tip(Hash.of(hash), news);
    }

    private static List<byte[]> all(byte[] message) {
        var in = new ProtoReader(message);
        List<byte[]> all = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                all.add(in.bytes());
            }
            if (all.size() > Limits.CHARTERS) {
                throw new IllegalArgumentException("More than %d charters".formatted(Limits.CHARTERS));
            }
        }
        return all;
    }
}
