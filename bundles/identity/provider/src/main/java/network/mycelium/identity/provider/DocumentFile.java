package network.mycelium.identity.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import network.mycelium.files.AtomicFiles;

/// Documents on disk: each with its length and checksum, appended and forced before it is believed. A torn one at the
/// end, from a power cut, is dropped, for nobody was told of it; so is a damaged one before, for others have it.
/// It is written anew when half of it is dead. One thread at a time.
final class DocumentFile {
    private static final Logger LOG = System.getLogger(DocumentFile.class.getName());
    private static final int HEADER = 8;
    /// Until then it is not worth it.
    private static final long SMALL = 1 << 20;

    private final Path file;
    private final int maxDocument;
    private long size;
    private long sizeWhenFresh;

    /// @param maxDocument longer ones are damage
    DocumentFile(Path file, int maxDocument) {
        this.file = file;
        this.maxDocument = maxDocument;
    }

    /// What was written, in its order.
    List<byte[]> read() throws IOException {
        List<byte[]> found = new ArrayList<>();
        if (!Files.exists(file)) {
            return found;
        }
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        int damaged = 0;
        while (in.remaining() >= HEADER) {
            in.mark();
            int length = in.getInt();
            int checksum = in.getInt();
            if (length < 0 || length > maxDocument || length > in.remaining()) {
                in.reset();
                break;
            }
            byte[] bytes = new byte[length];
            in.get(bytes);
            if (checksum(bytes) == checksum) {
                found.add(bytes);
            } else {
                damaged++;
            }
        }
        if (damaged > 0 || in.hasRemaining()) {
            LOG.log(
                    Level.WARNING,
                    "{0}: {1} damaged documents and {2} bytes at its end are dropped; members have them too",
                    file,
                    damaged,
                    in.remaining());
            rewrite(found);
        } else {
            size = in.position();
            sizeWhenFresh = size;
        }
        return found;
    }

    void append(byte[] document) throws IOException {
        append(List.of(document));
    }

    void append(Collection<byte[]> documents) throws IOException {
        if (documents.isEmpty()) {
            return;
        }
        Files.createDirectories(file.getParent());
        var records = new ByteArrayOutputStream();
        documents.forEach(d -> records.writeBytes(record(d)));
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            append(channel, ByteBuffer.wrap(records.toByteArray()));
        }
        size += records.size();
    }

    private static void append(FileChannel channel, ByteBuffer bytes) throws IOException {
        long before = channel.size();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            // A part of a record, as a full disk leaves it, would hide all that comes after it.
            channel.truncate(before);
            throw e;
        }
    }

    /// Whether it is time to write it anew.
    boolean isStale() {
        return size > SMALL && size > 2 * sizeWhenFresh;
    }

    void rewrite(Collection<byte[]> documents) throws IOException {
        var out = new ByteArrayOutputStream();
        documents.forEach(d -> out.writeBytes(record(d)));
        AtomicFiles.write(file, out.toByteArray());
        size = out.size();
        sizeWhenFresh = size;
    }

    private static byte[] record(byte[] document) {
        return ByteBuffer.allocate(HEADER + document.length)
                .putInt(document.length)
                .putInt(checksum(document))
                .put(document)
                .array();
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
