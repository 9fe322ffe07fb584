package network.mycelium.component.provider;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import network.mycelium.files.AtomicFiles;

/// The append-only file that decides, after any crash, what runs. Each record is a whole [NodeSet]; the last
/// intact one counts. A record is length, CRC-32C and content; it is on the disk before [#append] returns.
///
/// What is damaged is passed over, wherever it is, and the file as it was is kept aside. A file of another format, or
/// one that cannot be used, is left alone: then nothing is written, every change is refused, and the reason says what
/// to do. When the file has grown, it is replaced by one with the last record alone.
///
/// Threading: one thread at a time. An interrupted thread writes as any other does.
final class Journal implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Journal.class.getName());
    private static final byte[] MAGIC = "MYCSETS1".getBytes(StandardCharsets.US_ASCII);
    /// All of the magic but the number of the format.
    private static final int FAMILY = MAGIC.length - 1;

    private static final int HEADER = 8;
    static final int MAX_RECORD = 16 << 20;
    static final int COMPACT_AT = 512 << 10;
    private static final long MAX_FILE = COMPACT_AT + 2L * (MAX_RECORD + HEADER);

    private final Path file;
    /// Not a channel: interrupting a thread that writes would close that.
    private RandomAccessFile out;
    private NodeSet last = NodeSet.EMPTY;
    private String refusal = "";

    private Journal(Path file) {
        this.file = file;
    }

    /// Whatever the file holds, a node can boot: see [#refusal].
    static Journal open(Path file) {
        var journal = new Journal(file);
        try {
            AtomicFiles.createFolders(file.getParent());
            journal.read();
        } catch (UnusableException e) {
            journal.refuse(e.getMessage());
        } catch (IOException e) {
            journal.refuse(
                    "The journal %s cannot be used: %s. What can be read of it runs. Make it a file that this user can write, and start the node again."
                            .formatted(file, e));
        }
        return journal;
    }

    /// Its message is for the operator.
    private static final class UnusableException extends IOException {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(message);
        }
    }

    private void refuse(String why) {
        refusal = why;
        LOG.log(Level.ERROR, "{0}", why);
    }

    NodeSet last() {
        return last;
    }

    /// Why nothing can be written, and what to do; empty if all is well.
    String refusal() {
        return refusal;
    }

    private void read() throws IOException {
        byte[] bytes = content();
        if (bytes.length > FAMILY && startsWith(bytes, FAMILY) && bytes[FAMILY] != MAGIC[FAMILY]) {
            throw unknown("its first bytes are " + new String(bytes, 0, MAGIC.length, StandardCharsets.US_ASCII));
        }
        int damaged = 0;
        int at = startsWith(bytes, MAGIC.length) ? MAGIC.length : 0;
        if (at == 0) {
            damaged = bytes.length;
        }
        while (at < bytes.length) {
            int next = readRecord(bytes, at);
            if (next == at) {
                // What follows may be whole: look for it, byte by byte.
                damaged++;
                next++;
            }
            at = next;
        }
        if (damaged > 0) {
            keepDamaged(bytes);
        }
        if (damaged > 0 || bytes.length == 0) {
            replace(last.equals(NodeSet.EMPTY) ? new byte[0] : NodeSetCodec.encode(last));
        } else {
            out = new RandomAccessFile(file.toFile(), "rw");
            out.seek(bytes.length);
        }
    }

    private byte[] content() throws IOException {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new UnusableException(
                        "The journal %s is larger than any that a node writes. Nothing of it runs, and it is left as it is. Move it away, and start the node again."
                                .formatted(file));
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    private static boolean startsWith(byte[] bytes, int length) {
        return bytes.length >= length && Arrays.equals(bytes, 0, length, MAGIC, 0, length);
    }

    private UnusableException unknown(String why) {
        last = NodeSet.EMPTY;
        return new UnusableException(
                "The journal %s is of a format that this version does not know: %s. Nothing of it runs, it is left as it is, and nothing can be loaded. Start the version that wrote it; or move it away, start the node again, and load the components anew."
                        .formatted(file, why));
    }

    /// @return where the next record begins, or `at` if there is no intact one here
    private int readRecord(byte[] bytes, int at) throws IOException {
        if (bytes.length - at < HEADER) {
            return at;
        }
        var header = ByteBuffer.wrap(bytes, at, HEADER);
        int length = header.getInt();
        int crc = header.getInt();
        if (length <= 0 || length > MAX_RECORD || length > bytes.length - at - HEADER) {
            return at;
        }
        byte[] content = Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + length);
        if (crc(content) != crc) {
            return at;
        }
        try {
            last = NodeSetCodec.decode(content);
        } catch (NodeSetCodec.UnknownFormatException e) {
            throw unknown(e.getMessage());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a whole record at byte {0} of {1} makes no set: {2}", at, file, e.getMessage());
            return at;
        }
        return at + HEADER + length;
    }

    private void keepDamaged(byte[] bytes) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        AtomicFiles.writePrivate(aside, bytes);
        LOG.log(
                Level.WARNING,
                "the journal {0} is damaged; generation {1}, its last whole record, counts. As it was it is kept in {2}; `component list` tells what runs, load what is missing",
                file,
                last.generation(),
                aside);
    }

    /// Makes the set the one that counts. When this throws, the one before still does.
    void append(NodeSet set) throws IOException {
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
        byte[] content = NodeSetCodec.encode(set);
        if (content.length > MAX_RECORD) {
            throw new IOException("the set of components takes " + content.length + " bytes, more than " + MAX_RECORD);
        }
        long before = out.getFilePointer();
        try {
            out.write(record(content));
            out.getFD().sync();
        } catch (IOException e) {
            cut(before, e);
            throw e;
        }
        last = set;
        if (out.getFilePointer() > COMPACT_AT + content.length) {
            compact(content);
        }
    }

    /// What was half written would count if it were whole after all.
    private void cut(long length, IOException cause) {
        try {
            out.setLength(length);
            out.seek(length);
        } catch (IOException e) {
            cause.addSuppressed(e);
            refuse("The journal %s cannot be written: %s. Nothing can be loaded until the node was started again."
                    .formatted(file, cause));
        }
    }

    private static byte[] record(byte[] content) {
        return ByteBuffer.allocate(HEADER + content.length)
                .putInt(content.length)
                .putInt(crc(content))
                .put(content)
                .array();
    }

    private void compact(byte[] content) {
        try {
            replace(content);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal could not be rewritten and goes on growing", e);
        }
    }

    /// A file with this record alone, or with none, takes the place of the one that is there.
    private void replace(byte[] content) throws IOException {
        byte[] record = content.length == 0 ? content : record(content);
        byte[] whole = Arrays.copyOf(MAGIC, MAGIC.length + record.length);
        System.arraycopy(record, 0, whole, MAGIC.length, record.length);
        AtomicFiles.writePrivate(file, whole);
        RandomAccessFile old = out;
        out = new RandomAccessFile(file.toFile(), "rw");
        out.seek(whole.length);
        if (old != null) {
            old.close();
        }
    }

    private static int crc(byte[] content) {
        var crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
