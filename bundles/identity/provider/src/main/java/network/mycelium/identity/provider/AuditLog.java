package network.mycelium.identity.provider;

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
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.NetworkIdentity.AuditEntry;
import network.mycelium.identity.NetworkIdentity.Deed;
import network.mycelium.identity.core.wire.Hash;

/// What was done, a line each, divided by tabs: number, time, who, key, action, details, outcome and the hash over
/// the line before and this one. Whoever changes or removes a line must change all after it, and does not get past
/// the members that heard a later hash ([AuditHeads]). A file that is full becomes `.1`, that one `.2` and so on; the
/// oldest goes. Safe from any thread.
final class AuditLog {
    private static final Logger LOG = System.getLogger(AuditLog.class.getName());
    static final int MAX_FILE = 1 << 20;
    static final int MAX_FILES = 8;
    /// Longer texts are cut.
    private static final int MAX_TEXT = 2_000;

    private static final Head NONE = new Head(0, "0".repeat(64));
    private static final int FIELDS = 8;
    /// The first line of a file that goes on from another: number and hash of the entry before.
    private static final String CONTINUES = "continues";

    /// How many entries there are, and the hash of the last.
    record Head(long number, String hash) {}

    private final Path file;
    private final int maxFile;
    /// Null before the file was read.
    private Head head;

    AuditLog(Path file) {
        this(file, MAX_FILE);
    }

    AuditLog(Path file, int maxFile) {
        this.file = file;
        this.maxFile = maxFile;
    }

    /// A damaged log is gone on with, so that what is done now is on record; reading it tells where it was damaged.
    synchronized Head head() {
        if (head == null) {
            try {
                cutTornLine();
                head = lastOf(files());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the audit log {0} cannot be read: {1}", file, e.getMessage());
                return NONE;
            }
        }
        return head;
    }

    private void cutTornLine() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        if (end < bytes.length) {
            LOG.log(Level.WARNING, "the last line of {0} was not written to its end and is cut off", file);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(end);
                channel.force(true);
            }
        }
    }

    private static Head lastOf(List<Path> files) throws IOException {
        for (Path each : files.reversed()) {
            List<String> lines = lines(each);
            if (!lines.isEmpty()) {
                return headOf(lines.getLast(), lines.size());
            }
        }
        return NONE;
    }

    private static Head headOf(String line, long number) {
        String[] parts = line.split("\t", -1);
        try {
            if (parts.length == FIELDS) {
                return new Head(Long.parseLong(parts[0]), parts[FIELDS - 1]);
            }
            if (parts.length == 3 && parts[0].equals(CONTINUES)) {
                return new Head(Long.parseLong(parts[1]), parts[2]);
            }
        } catch (NumberFormatException e) {
            LOG.log(Level.WARNING, "the last line of the audit log is damaged: {0}", e.getMessage());
        }
        return new Head(number, hash("", line));
    }

    /// Bytes that are no text count as damage, not as a reason to stop.
    private static List<String> lines(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    /// Those that there are, oldest first.
    private List<Path> files() {
        return IntStream.range(0, MAX_FILES)
                .map(i -> MAX_FILES - 1 - i)
                .mapToObj(this::numbered)
                .filter(Files::exists)
                .toList();
    }

    private Path numbered(int age) {
        return age == 0 ? file : file.resolveSibling(file.getFileName() + "." + age);
    }

    synchronized void append(Instant time, Deed deed) throws IdentityException {
        Head before = head();
        long number = before.number + 1;
        String text = String.join(
                "\t",
                Long.toString(number),
                time.toString(),
                plain(deed.actor()),
                plain(deed.fingerprint()),
                plain(deed.action()),
                plain(deed.details()),
                plain(deed.outcome()));
        String hash = hash(before.hash, text);
        try {
            Files.createDirectories(file.getParent());
            write((rotate() ? CONTINUES + "\t" + before.number + "\t" + before.hash + "\n" : "") + text + "\t" + hash
                    + "\n");
            head = new Head(number, hash);
        } catch (IOException e) {
            // How much of it was written is looked up before the next one.
            head = null;
            throw new IdentityException(Kind.STORAGE, "The audit log %s cannot be written: %s".formatted(file, e), e);
        }
    }

    void append(Instant time, String action, String details) throws IdentityException {
        append(time, new Deed("", "", action, details, ""));
    }

    private void write(String lines) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /// @return whether a file that goes on from another begins
    private boolean rotate() throws IOException {
        if (Files.exists(file)) {
            if (Files.size(file) < maxFile) {
                return false;
            }
            for (int age = MAX_FILES - 2; age >= 0; age--) {
                if (Files.exists(numbered(age))) {
                    Files.move(
                            numbered(age),
                            numbered(age + 1),
                            StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return Files.exists(numbered(1));
    }

    private static String plain(String text) {
        String clean = text.replaceAll("\\p{C}", " ");
        return clean.length() > MAX_TEXT ? clean.substring(0, MAX_TEXT) + "…" : clean;
    }

    private static String hash(String before, String text) {
        return Hash.sha256((before + "\n" + text).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /// @throws IdentityException INVALID if it was changed, naming the line
    synchronized List<AuditEntry> read() throws IdentityException {
        List<AuditEntry> entries = new ArrayList<>();
        Head before = NONE;
        try {
            cutTornLine();
            List<Path> files = files();
            for (Path each : files) {
                before = read(each, each.equals(files.getFirst()), before, entries);
            }
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The audit log %s cannot be read: %s".formatted(file, e), e);
        }
        return entries;
    }

    private static Head read(Path file, boolean oldest, Head start, List<AuditEntry> entries)
            throws IOException, IdentityException {
        Head before = start;
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (i == 0 && line.startsWith(CONTINUES + "\t")) {
                Head said = headOf(line, 0);
                if (!oldest && !said.equals(before)) {
                    throw changed(file, 1);
                }
                before = said;
                continue;
            }
            AuditEntry entry = entry(line, before);
            if (entry == null) {
                throw changed(file, i + 1);
            }
            before = new Head(entry.number(), entry.hash());
            entries.add(entry);
        }
        return before;
    }

    /// @return null if it does not follow
    private static AuditEntry entry(String line, Head before) {
        String[] p = line.split("\t", -1);
        if (p.length != FIELDS
                || !p[0].equals(Long.toString(before.number + 1))
                || !hash(before.hash, line.substring(0, line.lastIndexOf('\t'))).equals(p[FIELDS - 1])) {
            return null;
        }
        try {
            return new AuditEntry(before.number + 1, Instant.parse(p[1]), new Deed(p[2], p[3], p[4], p[5], p[6]), p[7]);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static IdentityException changed(Path file, int line) {
        return new IdentityException(
                Kind.INVALID,
                "The audit log %s was changed: line %d does not follow from those before it.".formatted(file, line));
    }
}
