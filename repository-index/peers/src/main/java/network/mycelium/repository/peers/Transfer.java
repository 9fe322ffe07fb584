package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import network.mycelium.repository.BundleRef.Chunk;

/// One file on its way: which chunks are here, who has which, which are asked for. It is kept on disk as it comes and
/// never held as a whole; a later try goes on from there. Safe from any thread.
///
/// What the fewest have is asked for first, so that those who all fetch the same file soon have something to give to
/// each other (Cohen, "Incentives Build Robustness in BitTorrent", 2003).
final class Transfer implements AutoCloseable {
    /// Asks nobody for more.
    static final int NOTHING = -1;

    /// What is left to do for somebody who asks one source.
    enum Prospect {
        /// All is here.
        WHOLE,
        /// This source has what is wanted, and others were asked for it already.
        USEFUL,
        /// Others have something, and this one may get it.
        HOPEFUL,
        /// Nobody has what is missing.
        NONE
    }

    /// @param given what the source gave to others
    private record Offer(BitSet has, BitSet given) {}

    private final List<Chunk> chunks;
    private final int[] offsets;
    private final Path partial;
    private final FileChannel kept;
    private final long hurryNanos;
    private final BitSet here = new BitSet();
    /// What each source has; null until it has said so.
    private final Map<Object, Offer> sources = new HashMap<>();
    /// How many sources have each chunk, or gave it to somebody.
    private final int[] copies;
    /// Whom each chunk was asked of, and since when.
    private final Map<Integer, List<Object>> asked = new HashMap<>();
    private final long[] askedAt;

    /// @param chunks with their digests
    /// @param partial where it is kept as it comes
    /// @param hurry after how long a chunk is asked of somebody else as well
    Transfer(List<Chunk> chunks, Path partial, Duration hurry) throws IOException {
        this.chunks = chunks;
        this.partial = partial;
        this.hurryNanos = hurry.toNanos();
        this.copies = new int[chunks.size()];
        this.askedAt = new long[chunks.size()];
        this.offsets = new int[chunks.size() + 1];
        for (int i = 0; i < chunks.size(); i++) {
            try {
                offsets[i + 1] = Math.addExact(offsets[i], chunks.get(i).size());
            } catch (ArithmeticException e) {
                throw new IOException("It is larger than a node can fetch", e);
            }
        }
        Files.createDirectories(partial.getParent());
        this.kept =
                FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        resume();
    }

    private void resume() throws IOException {
        long there = kept.size();
        for (int i = 0; i < chunks.size() && offsets[i + 1] <= there; i++) {
            if (Sha256.of(kept, offsets[i], length(i)).equals(chunks.get(i).sha256())) {
                here.set(i);
            }
        }
    }

    int size() {
        return offsets[chunks.size()];
    }

    int chunks() {
        return chunks.size();
    }

    int offset(int index) {
        return offsets[index];
    }

    int length(int index) {
        return chunks.get(index).size();
    }

    /// Where chunks can be had without asking anybody.
    interface Nearby {
        /// @return null if it is not there
        byte[] find(Chunk chunk) throws IOException;
    }

    /// @return how many bytes came from there
    long take(Nearby nearby) throws IOException {
        long taken = 0;
        for (int i = 0; i < chunks.size(); i++) {
            byte[] found = here.get(i) ? null : nearby.find(chunks.get(i));
            if (found != null && found.length == length(i)) {
                try (Incoming incoming = incoming(i)) {
                    incoming.add(found, found.length);
                    taken += arrived(i, incoming) ? found.length : 0;
                }
            }
        }
        return taken;
    }

    /// How many bytes need not be asked for any more.
    synchronized long arrived() {
        return here.stream().mapToLong(this::length).sum();
    }

    synchronized boolean isWhole() {
        return here.cardinality() == chunks.size();
    }

    synchronized BitSet here() {
        return (BitSet) here.clone();
    }

    /// Whether some chunks are all of these bytes.
    boolean covers(BitSet some, long offset, int length) {
        if (length <= 0 || offset < 0 || offset > size() - length) {
            return false;
        }
        for (int i = 0; i < chunks.size(); i++) {
            boolean touches = offsets[i] < offset + length && offset < offsets[i + 1];
            if (touches && !some.get(i)) {
                return false;
            }
        }
        return true;
    }

    /// Waits until there are more chunks than so many.
    synchronized void awaitMore(int known, Duration atMost) throws IOException {
        long until = System.nanoTime() + atMost.toNanos();
        while (here.cardinality() <= known && !isWhole() && System.nanoTime() < until) {
            waitFor(until - System.nanoTime());
        }
    }

    /// Somebody is asked from now on.
    synchronized void begin(Object source) {
        sources.put(source, null);
    }

    /// @param given what it gave to others, who have it soon if not already
    synchronized void offers(Object source, BitSet has, BitSet given) {
        var offer = new Offer(has, given);
        count(sources.put(source, offer), -1);
        count(offer, 1);
        notifyAll();
    }

    private void count(Offer offer, int by) {
        if (offer != null) {
            IntStream.concat(offer.has.stream(), offer.given.stream())
                    .filter(i -> i < copies.length)
                    .forEach(i -> copies[i] += by);
        }
    }

    synchronized void end(Object source) {
        count(sources.remove(source), -1);
        asked.values().forEach(askers -> askers.remove(source));
        asked.values().removeIf(List::isEmpty);
        notifyAll();
    }

    /// The chunk to ask a source for now: of those that it has the one that the fewest have; when all are asked for,
    /// one that is long in coming.
    synchronized int next(Object source) {
        BitSet has = sources.get(source).has;
        int best = NOTHING;
        int start = ThreadLocalRandom.current().nextInt(chunks.size());
        for (int k = 0; k < chunks.size(); k++) {
            int i = (start + k) % chunks.size();
            if (has.get(i) && !here.get(i) && !asked.containsKey(i) && (best == NOTHING || copies[i] < copies[best])) {
                best = i;
            }
        }
        if (best == NOTHING) {
            best = late(source, has);
        }
        if (best != NOTHING) {
            asked.computeIfAbsent(best, i -> new ArrayList<>(1)).add(source);
            askedAt[best] = System.nanoTime();
        }
        return best;
    }

    private int late(Object source, BitSet has) {
        long now = System.nanoTime();
        for (Map.Entry<Integer, List<Object>> entry : asked.entrySet()) {
            int i = entry.getKey();
            if (has.get(i) && now - askedAt[i] > hurryNanos && !entry.getValue().contains(source)) {
                return i;
            }
        }
        return NOTHING;
    }

    /// For a chunk that a source sends.
    Incoming incoming(int index) throws IOException {
        return new Incoming(length(index), partial.getParent());
    }

    /// @return whether it is what it should be; if not, it is wanted again
    boolean arrived(int index, Incoming chunk) throws IOException {
        boolean right =
                chunk.left() == 0 && chunk.sha256().equals(chunks.get(index).sha256());
        if (right) {
            chunk.copyTo(kept, offset(index));
        }
        synchronized (this) {
            if (right) {
                here.set(index);
                asked.remove(index);
            }
            notifyAll();
        }
        return right;
    }

    synchronized Prospect prospect(Object source) {
        if (isWhole()) {
            return Prospect.WHOLE;
        }
        if (isUseful(sources.get(source))) {
            return Prospect.USEFUL;
        }
        return sources.values().stream().anyMatch(this::isUseful) ? Prospect.HOPEFUL : Prospect.NONE;
    }

    /// Who has not said what it has may have anything.
    private boolean isUseful(Offer offer) {
        if (offer == null) {
            return true;
        }
        BitSet missing = (BitSet) offer.has.clone();
        missing.andNot(here);
        return !missing.isEmpty();
    }

    /// Waits until something changed, but no longer than until something is late.
    synchronized void awaitChange() throws IOException {
        waitFor(hurryNanos);
    }

    /// Waits for a while, or until it is whole.
    void pause() throws IOException {
        awaitMore(chunks.size(), Duration.ofNanos(hurryNanos));
    }

    /// Waits until it is whole or nobody is asked any more.
    synchronized void await() throws IOException {
        while (!isWhole() && !sources.isEmpty()) {
            waitFor(TimeUnit.SECONDS.toNanos(1));
        }
    }

    private void waitFor(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The thread was interrupted", e);
        }
    }

    /// What has come, wherever that is.
    ///
    /// @return how many bytes were read, or -1 at the end
    int read(ByteBuffer into, long offset) throws IOException {
        return kept.read(into, offset);
    }

    /// What is there in part stays on disk.
    @Override
    public synchronized void close() throws IOException {
        kept.close();
        if (isWhole() || here.isEmpty()) {
            Files.deleteIfExists(partial);
        }
    }
}
