package network.mycelium.identity.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

/// Statements on disk: each record with its length and checksum, appended and forced before it is believed. A torn
/// record at the end, from a power cut, is dropped; nobody was told of it. One thread at a time.
final class StatementFile {
    private static final int HEADER = 8;
    /// The file is written anew when so many records in it no longer hold.
    private static final int MAX_DEAD = 1000;

    private final Path file;
    private int records;

    StatementFile(Path file) {
        this.file = file;
    }

    /// What was written, in its order.
    List<byte[]> read() throws IOException {
        List<byte[]> found = new ArrayList<>();
        if (!Files.exists(file)) {
            return found;
        }
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        while (in.remaining() >= HEADER) {
            int start = in.position();
            int size = in.getInt();
            int checksum = in.getInt();
            if (size < 0 || size > in.remaining()) {
                in.position(start);
                break;
            }
            byte[] bytes = new byte[size];
            in.get(bytes);
            if (checksum(bytes) != checksum) {
                in.position(start);
                break;
            }
            found.add(bytes);
        }
        if (in.hasRemaining()) {
            System.getLogger(StatementFile.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "{0} ends in {1} bytes that were not written to their end; they are dropped",
                            file,
                            in.remaining());
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(in.position());
            }
        }
        records = found.size();
        return found;
    }

    void append(byte[] statement) throws IOException {
        Files.createDirectories(file.getParent());
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            write(channel, record(statement));
        }
        records++;
    }

    /// Whether it is time to write it anew.
    boolean isStale(int holding) {
        return records - holding > MAX_DEAD;
    }

    void rewrite(Collection<byte[]> statements) throws IOException {
        var out = new ByteArrayOutputStream();
        statements.forEach(s -> out.writeBytes(record(s).array()));
        replace(file, out.toByteArray());
        records = statements.size();
    }

    /// Writes a file of this node's alone, so that it is there whole or not at all, after a power cut too.
    static void replace(Path file, byte[] bytes) throws IOException {
        AtomicFiles.createFolders(file.getParent());
        AtomicFiles.writePrivate(file, bytes);
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
    }

    private static ByteBuffer record(byte[] statement) {
        return ByteBuffer.allocate(HEADER + statement.length)
                .putInt(statement.length)
                .putInt(checksum(statement))
                .put(statement)
                .flip();
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
