package network.mycelium.shell.provider.remote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.files.AtomicFiles;
import network.mycelium.shell.Orders.Outcome;

/// What became of the orders on this node. A file each has exit and time on its first line, then the end of what the
/// command wrote; it is kept for [#KEPT], and [#MAX_KEPT] of them. The file `done` has the ids of the last [#MAX_DONE]
/// orders, whatever the clock says: none of them is done again. Safe from any thread.
final class Outcomes {
    static final Duration KEPT = Duration.ofDays(7);
    static final int MAX_KEPT = 500;
    /// As many statements as a network has at most.
    static final int MAX_DONE = 20_000;

    private static final String DONE = "done";
    private static final String BEGUN = ".begun";
    private static final int MAX_OUTPUT = 16 * 1024;

    private final Path folder;
    /// The oldest first; null until it was read.
    private Set<String> done;

    Outcomes(Path folder) {
        this.folder = folder;
    }

    /// As much of its end as is kept.
    static String end(byte[] output) {
        int from = Math.max(0, output.length - MAX_OUTPUT);
        return new String(output, from, output.length - from, StandardCharsets.UTF_8);
    }

    private Path file(String id) {
        if (!OrderCodec.isId(id)) {
            throw new IllegalArgumentException("An order's number is 16 hexadecimal digits, not " + id);
        }
        return folder.resolve(id);
    }

    /// Notes that an order is begun.
    ///
    /// @return how often it was, this time included
    synchronized int begin(String id) throws IOException {
        Files.createDirectories(folder);
        Path begun = Path.of(file(id) + BEGUN);
        int times = Files.exists(begun) ? (int) Files.size(begun) + 1 : 1;
        Files.writeString(begun, "x".repeat(times));
        return times;
    }

    /// Whether it was done, and is not done again.
    synchronized boolean isDone(String id) throws IOException {
        return done().contains(id) || Files.exists(file(id));
    }

    private Set<String> done() throws IOException {
        if (done == null) {
            Path file = folder.resolve(DONE);
            Set<String> read = new LinkedHashSet<>();
            if (Files.exists(file)) {
                // A line that was not written whole is no id.
                Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                        .filter(OrderCodec::isId)
                        .forEach(read::add);
            }
            done = read;
        }
        return done;
    }

    synchronized void put(String id, Outcome outcome) throws IOException {
        Files.createDirectories(folder);
        AtomicFiles.write(file(id), "%d %s%n%s".formatted(outcome.exit(), outcome.done(), outcome.output()));
        remember(id);
    }

    private void remember(String id) throws IOException {
        Set<String> all = done();
        if (!all.add(id)) {
            return;
        }
        if (all.size() <= MAX_DONE + MAX_DONE / 10) {
            append(id);
        } else {
            done = new LinkedHashSet<>(List.copyOf(all).subList(all.size() - MAX_DONE, all.size()));
            AtomicFiles.write(folder.resolve(DONE), String.join("\n", done) + "\n");
        }
    }

    /// A line begins with an end of line, for the one before may be torn.
    private void append(String id) throws IOException {
        try (var channel =
                FileChannel.open(folder.resolve(DONE), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.wrap(("\n" + id + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    Optional<Outcome> get(String id) {
        if (!OrderCodec.isId(id)) {
            return Optional.empty();
        }
        try {
            String[] parts = Files.readString(file(id)).split("\\R", 2);
            String[] first = parts[0].split(" ", 2);
            return Optional.of(new Outcome(Instant.parse(first[1]), Integer.parseInt(first[0]), parts[1]));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Drops what is older than outcomes are kept, and the oldest beyond their number.
    synchronized void prune(Instant now) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        AtomicFiles.clean(folder);
        List<Path> kept = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                String id = name.endsWith(BEGUN) ? name.substring(0, name.length() - BEGUN.length()) : name;
                if (!OrderCodec.isId(id)) {
                    continue;
                }
                if (!name.endsWith(BEGUN)) {
                    kept.add(file);
                } else if (isDone(id) || age(file).isBefore(now.minus(KEPT))) {
                    Files.deleteIfExists(file);
                }
            }
        }
        kept.sort(Comparator.comparing(Outcomes::age));
        int surplus = kept.size() - MAX_KEPT;
        for (int i = 0; i < kept.size() && (i < surplus || age(kept.get(i)).isBefore(now.minus(KEPT))); i++) {
            // After a crash it may not be known elsewhere.
            remember(kept.get(i).getFileName().toString());
            Files.deleteIfExists(kept.get(i));
        }
    }

    private static Instant age(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
