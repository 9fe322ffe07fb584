package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.NetworkIdentity.AuditEntry;

/// What was done, a line each: number, time, action, details and the hash over the line before and this one. Whoever
/// changes or removes a line must change all after it, and does not get past who noted a later hash. Safe from any
/// thread.
final class AuditLog {
    private static final String FIRST = "0".repeat(64);

    private final Path file;
    /// Entries there are, once they were read; -1 before.
    private int count = -1;

    private String last = FIRST;

    AuditLog(Path file) {
        this.file = file;
    }

    synchronized void append(Instant time, String action, String details) throws IdentityException {
        if (count < 0) {
            List<AuditEntry> all = read();
            count = all.size();
            last = all.isEmpty() ? FIRST : all.getLast().hash();
        }
        String text = "%d\t%s\t%s\t%s".formatted(count + 1, time, plain(action), plain(details));
        String hash = hash(last, text);
        String line = text + "\t" + hash + "\n";
        try {
            Files.createDirectories(file.getParent());
            try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            count++;
            last = hash;
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The audit log %s cannot be written: %s".formatted(file, e), e);
        }
    }

    private static String plain(String text) {
        return text.replaceAll("[\\p{Cntrl}]", " ");
    }

    private static String hash(String before, String text) {
        return HexFormat.of().formatHex(Genesis.digest((before + "\n" + text).getBytes(StandardCharsets.UTF_8)));
    }

    /// @throws IdentityException INVALID if it was changed, naming the line
    synchronized List<AuditEntry> read() throws IdentityException {
        List<AuditEntry> entries = new ArrayList<>();
        if (!Files.exists(file)) {
            return entries;
        }
        String before = FIRST;
        try {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("\t", -1);
                int number = entries.size() + 1;
                if (parts.length != 5
                        || !parts[0].equals(Integer.toString(number))
                        || !hash(before, line.substring(0, line.lastIndexOf('\t')))
                                .equals(parts[4])) {
                    throw new IdentityException(
                            Kind.INVALID,
                            "The audit log %s was changed: line %d does not follow from those before it."
                                    .formatted(file, number));
                }
                before = parts[4];
                entries.add(new AuditEntry(number, Instant.parse(parts[1]), parts[2], parts[3], parts[4]));
            }
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The audit log %s cannot be read: %s".formatted(file, e), e);
        }
        return entries;
    }
}
