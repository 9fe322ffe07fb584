package network.mycelium.component.director;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;

/// Until when this node is in maintenance, kept in a file of one line. Safe from any thread.
final class Maintenance {
    private static final Logger LOG = System.getLogger(Maintenance.class.getName());

    private final Path file;
    private final InstantSource clock;
    private Instant until = Instant.EPOCH;

    Maintenance(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        try {
            if (Files.exists(file)) {
                until = Instant.parse(Files.readString(file).strip());
            }
        } catch (IOException | DateTimeException e) {
            LOG.log(Level.WARNING, "{0} cannot be read; the node is not in maintenance: {1}", file, e.getMessage());
        }
    }

    /// Empty if it is not, or not any more.
    synchronized Optional<Instant> until() {
        return until.isAfter(clock.instant()) ? Optional.of(until) : Optional.empty();
    }

    synchronized void set(Optional<Instant> end) throws IOException {
        if (end.isEmpty()) {
            AtomicFiles.delete(file);
        } else {
            AtomicFiles.createFolders(file.getParent());
            AtomicFiles.write(file, end.get().toString());
        }
        until = end.orElse(Instant.EPOCH);
    }
}
