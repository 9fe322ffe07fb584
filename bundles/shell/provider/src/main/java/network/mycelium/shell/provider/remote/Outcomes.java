package network.mycelium.shell.provider.remote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.shell.Orders.Outcome;

/// What became of the orders on this node, a file each: exit and time on the first line, then the end of what the
/// command wrote. Safe from any thread.
final class Outcomes {
    private static final String BEGUN = ".begun";
    private static final int MAX_OUTPUT = 16 * 1024;

    private final Path folder;

    Outcomes(Path folder) {
        this.folder = folder;
    }

    /// As much of its end as is kept.
    static String end(byte[] output) {
        int from = Math.max(0, output.length - MAX_OUTPUT);
        return new String(output, from, output.length - from, StandardCharsets.UTF_8);
    }

    /// Notes that an order is begun.
    ///
    /// @return how often it was, this time included
    int begin(String id) throws IOException {
        Files.createDirectories(folder);
        Path begun = folder.resolve(id + BEGUN);
        int times = Files.exists(begun) ? (int) Files.size(begun) + 1 : 1;
        Files.writeString(begun, "x".repeat(times));
        return times;
    }

    void put(String id, Outcome outcome) throws IOException {
        Files.createDirectories(folder);
        Path fresh = folder.resolve(id + ".new");
        Files.writeString(fresh, "%d %s%n%s".formatted(outcome.exit(), outcome.done(), outcome.output()));
        Files.move(fresh, folder.resolve(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Optional<Outcome> get(String id) {
        if (!id.matches("[0-9a-f]{1,64}")) {
            return Optional.empty();
        }
        try {
            String[] parts = Files.readString(folder.resolve(id)).split("\\R", 2);
            String[] first = parts[0].split(" ", 2);
            return Optional.of(new Outcome(Instant.parse(first[1]), Integer.parseInt(first[0]), parts[1]));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forgets all others.
    void keepOnly(Set<String> ids) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (var files = Files.list(folder)) {
            all = files.toList();
        }
        for (Path file : all) {
            if (!ids.contains(file.getFileName().toString().replace(BEGUN, ""))) {
                Files.deleteIfExists(file);
            }
        }
    }
}
