package network.mycelium.launcher;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The folder of the framework's own storage, another one at each start: what an earlier start left goes when this one
/// is up, for emptying a folder takes time that a boot has not.
final class ScratchStorage {
    private static final String PREFIX = "framework";
    /// Bytes that a start and its log surely find room in.
    private static final long ROOM = 16 << 20;

    private final Path work;
    private final Path folder;

    /// @param work holds the folders of all starts
    ScratchStorage(Path work) {
        this.work = work;
        int number = 0;
        while (Files.exists(work.resolve(PREFIX + number))) {
            number++;
        }
        this.folder = work.resolve(PREFIX + number);
    }

    /// Does not exist yet.
    Path folder() {
        return folder;
    }

    /// On a disk that is nearly full what an earlier start left goes first: this one finds room in its place.
    void makeRoom() {
        if (work.toFile().getUsableSpace() < ROOM) {
            removeOlder();
        }
    }

    /// What cannot be removed is in nobody's way, and is tried again at the next start.
    void removeOlder() {
        try (Stream<Path> all = Files.list(work)) {
            List<Path> older = all.filter(p -> p.getFileName().toString().startsWith(PREFIX) && !p.equals(folder))
                    .toList();
            for (Path old : older) {
                remove(old);
            }
        } catch (IOException e) {
            NodeLog.launcher().log(Level.WARNING, "an old framework storage stays", e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
