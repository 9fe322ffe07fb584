package network.mycelium.repository.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.TimedInput;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;

/// Takes from one member what it has of a file, chunk after chunk, until all is here or it has nothing to give.
final class PeerFetch {
    /// So that the next chunk is on its way while one comes in.
    private static final int AHEAD = 2;

    private static final int PIECE = 16 << 10;

    private final Connection peer;
    private final String sha256;
    private final Transfer transfer;
    private final Duration patience;
    private final Deque<Integer> asked = new ArrayDeque<>();
    private boolean lied;

    PeerFetch(Connection peer, String sha256, Transfer transfer, Duration patience) {
        this.peer = peer;
        this.sha256 = sha256;
        this.transfer = transfer;
        this.patience = patience;
    }

    /// Whether what it sent was wrong.
    boolean lied() {
        return lied;
    }

    /// @return what went wrong, or empty
    String run() {
        try (Stream stream = peer.open(BlobProtocol.ID)) {
            return run(stream, new TimedInput(stream, patience, patience.multipliedBy(BlobProtocol.MESSAGE_PATIENCES)));
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private String run(Stream stream, TimedInput in) throws IOException {
        BlobProtocol.write(stream, new Request(sha256, 0, 0, -1, -1));
        int had = look(answer(in));
        // Whoever has a part of it is fetching the rest, for all that is known.
        boolean growing = had >= 0;
        while (true) {
            for (int next; asked.size() < AHEAD && (next = transfer.next(this)) != Transfer.NOTHING; ) {
                request(stream, next, 0);
                asked.add(next);
            }
            if (!asked.isEmpty()) {
                if (!receive(stream, in, asked.remove())) {
                    lied = true;
                    return "sent a wrong chunk";
                }
                continue;
            }
            Transfer.Prospect prospect = transfer.prospect(this);
            if (prospect == Transfer.Prospect.WHOLE) {
                return "";
            }
            if (prospect == Transfer.Prospect.USEFUL) {
                transfer.awaitChange();
                continue;
            }
            if (prospect == Transfer.Prospect.NONE && !growing) {
                return had <= 0 ? "does not have it" : "has no more of it";
            }
            if (had < 0) {
                // It fetches nothing of it yet.
                transfer.pause();
            }
            BlobProtocol.write(stream, new Request(sha256, 0, 0, Math.max(had, 0), -1));
            int has = look(answer(in));
            growing = has > had;
            had = has;
        }
    }

    private static Answer answer(TimedInput in) throws IOException {
        in.endMessage();
        return BlobProtocol.readAnswer(in);
    }

    /// Notes what it has.
    ///
    /// @return how many chunks that is, or -1 if it has no such file
    private int look(Answer answer) throws IOException {
        if (answer.size() >= 0 && answer.size() != transfer.size()) {
            throw new IOException("has something else of %d bytes".formatted(answer.size()));
        }
        BitSet has = answer.chunks().orElseGet(BitSet::new);
        if (answer.size() >= 0 && answer.chunks().isEmpty()) {
            has.set(0, transfer.chunks());
        }
        // Chunks that the file does not have would be hoped for for ever.
        has.clear(transfer.chunks(), Math.max(transfer.chunks(), has.length()));
        transfer.offers(this, has, answer.given());
        return answer.size() < 0 ? -1 : has.cardinality();
    }

    private void request(Stream stream, int chunk, int done) throws IOException {
        int part = Math.min(transfer.length(chunk) - done, BlobProtocol.MAX_LENGTH);
        BlobProtocol.write(stream, new Request(sha256, transfer.offset(chunk) + (long) done, part, -1, chunk));
    }

    /// @return whether it was right
    private boolean receive(Stream stream, TimedInput in, int chunk) throws IOException {
        byte[] piece = new byte[Math.min(PIECE, transfer.length(chunk))];
        try (Incoming incoming = transfer.incoming(chunk)) {
            while (incoming.left() > 0) {
                if (incoming.done() > 0) {
                    request(stream, chunk, incoming.done());
                }
                Answer answer = answer(in);
                if (look(answer) < 0
                        || answer.chunks().isPresent() && !answer.chunks().get().get(chunk)) {
                    throw new IOException("no longer has it");
                }
                for (int part = Math.min(incoming.left(), BlobProtocol.MAX_LENGTH); part > 0; ) {
                    int n = in.read(piece, 0, Math.min(part, piece.length));
                    if (n < 0) {
                        throw new IOException("stopped within a chunk");
                    }
                    incoming.add(piece, n);
                    part -= n;
                }
            }
            return transfer.arrived(chunk, incoming);
        }
    }
}
