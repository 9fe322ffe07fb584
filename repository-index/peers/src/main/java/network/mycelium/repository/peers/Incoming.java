package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/// One chunk as it comes from one member: small ones in memory, large ones on disk, until it is known whether it is
/// right. One thread at a time.
final class Incoming implements AutoCloseable {
    /// Where the publisher cut a bundle into chunks, they are smaller.
    private static final int MAX_IN_MEMORY = 256 << 10;

    private final MessageDigest digest = Sha256.digest();
    private final int length;
    private final byte[] memory;
    private final FileChannel spool;
    private int done;

    /// @param folder where large ones are kept meanwhile
    Incoming(int length, Path folder) throws IOException {
        this.length = length;
        if (length <= MAX_IN_MEMORY) {
            memory = new byte[length];
            spool = null;
        } else {
            memory = null;
            Path file = Files.createTempFile(folder, "chunk", ".part");
            spool = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }
    }

    int done() {
        return done;
    }

    int left() {
        return length - done;
    }

    void add(byte[] piece, int size) throws IOException {
        digest.update(piece, 0, size);
        if (spool == null) {
            System.arraycopy(piece, 0, memory, done, size);
        } else {
            for (ByteBuffer bytes = ByteBuffer.wrap(piece, 0, size); bytes.hasRemaining(); ) {
                spool.write(bytes);
            }
        }
        done += size;
    }

    /// Call it once, when all is there.
    String sha256() {
        return Sha256.of(digest);
    }

    void copyTo(FileChannel file, long offset) throws IOException {
        if (spool == null) {
            for (ByteBuffer bytes = ByteBuffer.wrap(memory); bytes.hasRemaining(); ) {
                file.write(bytes, offset + bytes.position());
            }
            return;
        }
        spool.position(0);
        for (long copied = 0; copied < length; ) {
            long n = file.transferFrom(spool, offset + copied, length - copied);
            if (n <= 0) {
                throw new IOException("A chunk cannot be copied: %d of %d bytes are".formatted(copied, length));
            }
            copied += n;
        }
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            spool.close();
        }
    }
}
