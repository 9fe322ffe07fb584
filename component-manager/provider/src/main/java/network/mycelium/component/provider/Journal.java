package network.mycelium.component.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// The append-only file that decides, after any crash, what runs. Each record is a whole [NodeSet]; the last
/// intact one counts. A record is length, CRC-32C and content; it is on the disk before [#append] returns.
///
/// A torn or corrupt end is cut off and kept aside. When the file has grown, it is rewritten with the last record
/// alone and renamed over the old one.
///
/// Threading: one thread at a time.
final class Journal implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Journal.class.getName());
    private static final byte[] MAGIC = "MYCSETS1".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER = 8;
    static final int MAX_RECORD = 16 << 20;
    static final int COMPACT_AT = 512 << 10;

    private final Path file;
    private FileChannel channel;
    private NodeSet last = NodeSet.EMPTY;

    private Journal(Path file) {
        this.file = file;
    }

    static Journal open(Path file) throws IOException {
        var journal = new Journal(file);
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(journal.rewritten());
        journal.channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        journal.read();
        return journal;
    }

    NodeSet last() {
        return last;
    }

    private void read() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int good = 0;
        if (bytes.length >= MAGIC.length
                && ByteBuffer.wrap(bytes, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            good = MAGIC.length;
            int next = readRecord(bytes, good);
            while (next > good) {
                good = next;
                next = readRecord(bytes, good);
            }
        }
        if (good < bytes.length) {
            keepDamaged(bytes, good);
        }
        channel.truncate(good);
        channel.position(good);
        if (good == 0) {
            write(ByteBuffer.wrap(MAGIC));
            channel.force(true);
        }
    }

    /// @return where the next record begins, or `at` if there is no intact one here
    private int readRecord(byte[] bytes, int at) {
        if (bytes.length - at < HEADER) {
            return at;
        }
        var header = ByteBuffer.wrap(bytes, at, HEADER);
        int length = header.getInt();
        int crc = header.getInt();
        if (length <= 0 || length > MAX_RECORD || length > bytes.length - at - HEADER) {
            return at;
        }
        byte[] content = java.util.Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + length);
        if (crc(content) != crc) {
            return at;
        }
        try {
            last = NodeSetCodec.decode(content);
        } catch (IOException e) {
            return at;
        }
        return at + HEADER + length;
    }

    private void keepDamaged(byte[] bytes, int good) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        Files.write(aside, java.util.Arrays.copyOfRange(bytes, good, bytes.length));
        LOG.log(
                Level.WARNING,
                "the journal {0} ends in {1} bytes that are no intact record; they are kept in {2}, generation {3} counts",
                file,
                bytes.length - good,
                aside,
                last.generation());
    }

    /// Makes the set the one that counts. When this throws, the one before still does.
    void append(NodeSet set) throws IOException {
        byte[] content = NodeSetCodec.encode(set);
        if (content.length > MAX_RECORD) {
            throw new IOException("the set of components takes " + content.length + " bytes, more than " + MAX_RECORD);
        }
        long before = channel.position();
        try {
            write(record(content));
            channel.force(false);
        } catch (IOException e) {
            channel.truncate(before);
            channel.position(before);
            throw e;
        }
        last = set;
        if (channel.position() > COMPACT_AT + content.length) {
            compact(content);
        }
    }

    private static ByteBuffer record(byte[] content) {
        return ByteBuffer.allocate(HEADER + content.length)
                .putInt(content.length)
                .putInt(crc(content))
                .put(content)
                .flip();
    }

    private void compact(byte[] content) {
        try {
            var fresh = FileChannel.open(
                    rewritten(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            FileChannel old = channel;
            try {
                channel = fresh;
                write(ByteBuffer.wrap(MAGIC));
                write(record(content));
                fresh.force(true);
                Files.move(rewritten(), file, StandardCopyOption.ATOMIC_MOVE);
                old.close();
            } catch (IOException e) {
                channel = old;
                fresh.close();
                throw e;
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal could not be rewritten and goes on growing", e);
        }
    }

    private Path rewritten() {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    private void write(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static int crc(byte[] content) {
        var crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
