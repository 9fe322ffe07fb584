package network.mycelium.shell.provider.health;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.node.health.HealthCheck;

/// The node home: whether it can be written, has room, and holds files that were damaged and set aside.
public final class HomeCheck implements HealthCheck {
    private static final long MIN_FREE = 100L << 20;
    private static final int MAX_NAMED = 10;
    private static final List<String> WRITTEN = List.of("config", "state", "data", "log", "work");

    private final Path home;
    private final long least;

    public HomeCheck(Path home) {
        this(home, MIN_FREE);
    }

    HomeCheck(Path home, long least) {
        this.home = home;
        this.least = least;
    }

    @Override
    public String name() {
        return "home";
    }

    @Override
    public Finding look() throws IOException {
        List<Problem> problems = new ArrayList<>();
        for (String folder : WRITTEN) {
            Path path = home.resolve(folder);
            if (Files.exists(path) && !isWritable(path)) {
                problems.add(new Problem(
                        path + " cannot be written",
                        "give it back to the user that the node runs as (chown, chmod u+rwx), or mount it writable"));
            }
        }
        long free = Files.getFileStore(home).getUsableSpace();
        if (free < least) {
            problems.add(new Problem(
                    "the disk of %s is nearly full: %d MiB are free".formatted(home, free >> 20),
                    "free at least %d MiB, or lower quota.bytes of network.mycelium.repository.cache"
                            .formatted(least >> 20)));
        }
        for (Path file : damaged()) {
            problems.add(new Problem(
                    file + " is what was left of a damaged file; the node goes on without it",
                    "restore the file from a backup if you need it, then remove this one"));
        }
        return new Finding((free >> 20) + " MiB free", problems);
    }

    /// By writing: the superuser may write whatever the permissions say, but not on a disk that is read-only.
    private static boolean isWritable(Path folder) {
        try {
            Files.delete(Files.createTempFile(folder, ".health-", ".tmp"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private List<Path> damaged() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : List.of("state", "data")) {
            if (Files.isDirectory(home.resolve(folder))) {
                try (Stream<Path> files = Files.find(
                        home.resolve(folder),
                        2,
                        (file, seen) -> file.getFileName().toString().contains(".damaged"))) {
                    files.sorted().limit(MAX_NAMED).forEach(found::add);
                }
            }
        }
        return found;
    }
}
