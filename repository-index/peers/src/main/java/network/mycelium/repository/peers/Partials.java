package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The folder of files that came in part, from which a later try goes on. What was not touched for a day goes, and the
/// oldest of what is more than [#MAX_BYTES]. Safe from any thread.
final class Partials {
    static final long MAX_BYTES = 256L << 20;
    static final Duration MAX_AGE = Duration.ofDays(1);

    private final Path folder;

    private record Partial(Path file, long size, FileTime touched) {}

    Partials(Path folder) {
        this.folder = folder;
    }

    Path file(String sha256) {
        return folder.resolve(sha256);
    }

    /// @param coming the digest of what is fetched next, which stays
    synchronized void makeRoom(String coming) throws IOException {
        Files.createDirectories(folder);
        long bytes = 0;
        FileTime oldest = FileTime.from(Instant.now().minus(MAX_AGE));
        for (Partial partial : newestFirst()) {
            bytes += partial.size();
            boolean stays = partial.file().equals(file(coming));
            if (!stays && (bytes > MAX_BYTES || partial.touched().compareTo(oldest) < 0)) {
                Files.deleteIfExists(partial.file());
            }
        }
    }

    private List<Partial> newestFirst() throws IOException {
        List<Partial> all = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.toList();
        }
        for (Path file : files) {
            try {
                all.add(new Partial(file, Files.size(file), Files.getLastModifiedTime(file)));
            } catch (NoSuchFileException e) {
                // A fetch has just ended.
            }
        }
        all.sort(Comparator.comparing(Partial::touched).reversed());
        return all;
    }
}
