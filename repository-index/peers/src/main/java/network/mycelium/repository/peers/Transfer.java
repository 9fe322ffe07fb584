package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/// One file on its way: which chunks are here, which are asked for, which are wanted. With more chunks than one it is
/// kept on disk as it comes, so that a later try goes on from there. Safe from any thread.
final class Transfer implements AutoCloseable {
    /// Asks nobody for more.
    static final int NOTHING = -1;

    private final int size;
    private final int chunk;
    private final List<String> digests;
    private final byte[] bytes;
    private final BitSet here = new BitSet();
    private final Deque<Integer> wanted = new ArrayDeque<>();
    private final Path partial;
    private final FileChannel kept;
    private int workers;

    /// @param digests of each chunk
    /// @param partial where it is kept as it comes
    Transfer(int size, int chunk, List<String> digests, Path partial) throws IOException {
        this.size = size;
        this.chunk = chunk;
        this.digests = digests;
        this.bytes = new byte[size];
        this.partial = partial;
        if (digests.size() > 1) {
            Files.createDirectories(partial.getParent());
            this.kept = FileChannel.open(
                    partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            resume();
        } else {
            this.kept = null;
        }
        for (int i = 0; i < chunks(); i++) {
            if (!here.get(i)) {
                wanted.add(i);
            }
        }
    }

    private void resume() throws IOException {
        ByteBuffer into = ByteBuffer.wrap(bytes);
        while (into.hasRemaining() && kept.read(into, into.position()) >= 0) {
            continue;
        }
        for (int i = 0; i < chunks(); i++) {
            if (offset(i) + length(i) <= into.position() && isRight(i, bytes, offset(i), length(i))) {
                here.set(i);
            }
        }
    }

    private int chunks() {
        return (size + chunk - 1) / chunk;
    }

    int offset(int index) {
        return index * chunk;
    }

    int length(int index) {
        return Math.min(chunk, size - offset(index));
    }

    /// How many bytes need not be asked for any more.
    synchronized long arrived() {
        return here.stream().mapToLong(this::length).sum();
    }

    synchronized boolean isWhole() {
        return here.cardinality() == chunks();
    }

    synchronized void begin() {
        workers++;
    }

    synchronized void end() {
        workers--;
        notifyAll();
    }

    /// The chunk to ask for next; waits while all that is missing is asked for elsewhere, for it may come back.
    synchronized int next() throws InterruptedException {
        while (wanted.isEmpty() && !isWhole()) {
            wait();
        }
        return isWhole() ? NOTHING : wanted.remove();
    }

    /// It did not come.
    synchronized void giveBack(int index) {
        wanted.addFirst(index);
        notifyAll();
    }

    /// @return whether it is what it should be; if not, it is wanted again
    boolean arrived(int index, byte[] data) throws IOException {
        boolean right = isRight(index, data, 0, data.length);
        if (right && kept != null) {
            kept.write(ByteBuffer.wrap(data), offset(index));
        }
        synchronized (this) {
            if (right) {
                System.arraycopy(data, 0, bytes, offset(index), data.length);
                here.set(index);
            } else {
                wanted.addFirst(index);
            }
            notifyAll();
        }
        return right;
    }

    private boolean isRight(int index, byte[] data, int offset, int length) {
        return Sha256.of(data, offset, length).equals(digests.get(index));
    }

    /// Waits until it is whole or nobody works on it any more.
    ///
    /// @return whether it is whole
    synchronized boolean await() throws InterruptedException {
        while (!isWhole() && workers > 0) {
            wait();
        }
        return isWhole();
    }

    /// What has come; all of it once it [#isWhole()]. Not copied: a bundle may take half of a node's memory.
    byte[] bytes() {
        return bytes;
    }

    /// What is not whole stays on disk.
    @Override
    public void close() throws IOException {
        if (kept != null) {
            kept.close();
            if (isWhole()) {
                Files.deleteIfExists(partial);
            }
        }
    }
}
