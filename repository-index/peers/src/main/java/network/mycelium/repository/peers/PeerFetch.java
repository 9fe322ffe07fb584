package network.mycelium.repository.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Stream;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;

/// Takes from one member what it has of a file, chunk after chunk, until all is here or it has nothing to give.
final class PeerFetch {
    /// So that the next chunk is on its way while one comes in.
    private static final int AHEAD = 2;

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
            stream.timeout(patience);
            return run(stream);
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private String run(Stream stream) throws IOException {
        BlobProtocol.write(stream, new Request(sha256, 0, 0, -1, -1));
        int had = look(BlobProtocol.readAnswer(stream));
        // Whoever has a part of it is fetching the rest, for all that is known.
        boolean growing = had >= 0;
        while (true) {
            for (int next; asked.size() < AHEAD && (next = transfer.next(this)) != Transfer.NOTHING; ) {
                request(stream, next, 0);
                asked.add(next);
            }
            if (!asked.isEmpty()) {
                if (!receive(stream, asked.remove())) {
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
            int has = look(BlobProtocol.readAnswer(stream));
            growing = has > had;
            had = has;
        }
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
        transfer.offers(this, has, answer.given());
        return answer.size() < 0 ? -1 : has.cardinality();
    }

    private void request(Stream stream, int chunk, int done) throws IOException {
        int part = Math.min(transfer.length(chunk) - done, BlobProtocol.MAX_LENGTH);
        BlobProtocol.write(stream, new Request(sha256, transfer.offset(chunk) + (long) done, part, -1, chunk));
    }

    /// @return whether it was right
    private boolean receive(Stream stream, int chunk) throws IOException {
        byte[] data = new byte[transfer.length(chunk)];
        for (int done = 0; done < data.length; ) {
            if (done > 0) {
                request(stream, chunk, done);
            }
            Answer answer = BlobProtocol.readAnswer(stream);
            if (look(answer) < 0
                    || answer.chunks().isPresent() && !answer.chunks().get().get(chunk)) {
                throw new IOException("no longer has it");
            }
            int part = Math.min(data.length - done, BlobProtocol.MAX_LENGTH);
            if (stream.input().readNBytes(data, done, part) < part) {
                throw new IOException("stopped within a chunk");
            }
            done += part;
        }
        return transfer.arrived(chunk, data);
    }
}
