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
/// end, from a power cut, is dropped, for nobody was told of it; so is a damaged one before, and those behind it are
/// found by their checksums. A damaged file is set aside. It is written anew when half of it is dead. One thread at a
/// time.
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
            int at = in.position();
            int length = in.getInt(at);
            if (length > 0
                    && length <= maxDocument
                    && length <= in.remaining() - HEADER
                    && checksum(in.slice(at + HEADER, length)) == in.getInt(at + HEADER / 2)) {
                byte[] bytes = new byte[length];
                in.get(at + HEADER, bytes).position(at + HEADER + length);
                found.add(bytes);
            } else {
                in.position(at + 1);
                damaged++;
            }
        }
        damaged += in.remaining();
        if (damaged > 0) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.log(Level.WARNING, "{0}: {1} damaged bytes are left out; it was kept as {2}", file, damaged, aside);
            AtomicFiles.writePrivate(aside, in.array());
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
        if (!Files.exists(file)) {
            AtomicFiles.createFolders(file.getParent());
            AtomicFiles.writePrivate(file, new byte[0]);
        }
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
        AtomicFiles.writePrivate(file, out.toByteArray());
        size = out.size();
        sizeWhenFresh = size;
    }

    private static byte[] record(byte[] document) {
        return ByteBuffer.allocate(HEADER + document.length)
                .putInt(document.length)
                .putInt(checksum(ByteBuffer.wrap(document)))
                .put(document)
                .array();
    }

    private static int checksum(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
