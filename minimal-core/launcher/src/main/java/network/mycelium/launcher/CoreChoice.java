package network.mycelium.launcher;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;

/// Which core the node starts with: the distribution's, or one that it updated itself to, in `cores/VERSION` of the
/// node home. A new one is on trial until it has come up; one that has not is not tried again, and the core before it
/// starts. Where the node ended during the trial, it may have been a power cut, and the core is tried once more. Each
/// step is one atomic rename, so that a power cut leaves the old core or the new one.
///
/// Files in `state/`: `core-next` what shall be tried, `core-trying` what is on trial, `core-current` what came up
/// (with the version of the distribution at that time: another distribution is the operator's word, and counts),
/// `core-rejected` what did not, a line a version with the reason, the newest last. `run/restart`: whoever writes it
/// and stops the framework has the node start
/// anew, in the same process.
final class CoreChoice {
    static final String VERSION_FILE = "core/00-core/version";
    /// Old ones that failed are forgotten: by then there are newer to be tried.
    private static final int MAX_REJECTED = 32;

    /// The second line of `core-trying` when the node ended once while that core was on trial.
    private static final String AGAIN = "again";

    private static final String VERSION = "[0-9A-Za-z._-]{1,64}";

    private final Path home;
    private final Path dist;
    /// Written by the thread that confirms, read by those that watch the framework.
    private volatile Optional<String> trial = Optional.empty();

    CoreChoice(Path home, Path dist) {
        this.home = home;
        this.dist = dist;
    }

    /// @return the folder of the core to start with
    Path choose() throws IOException {
        trial = Optional.empty();
        Files.deleteIfExists(restart());
        Optional<String> next = read("core-next");
        Optional<String> interrupted = read("core-trying");
        if (interrupted.isPresent()) {
            String version = interrupted.get();
            if (next.isPresent()) {
                reject(version, "another core took its place before it was up");
            } else if (line("core-trying", 1).equals(AGAIN)) {
                reject(version, "the node ended twice before it was up");
            } else {
                // Its fault, or a power cut.
                write("core-trying", version + "\n" + AGAIN + "\n");
                trial = interrupted;
                return folder(version);
            }
        }
        if (next.isPresent()) {
            AtomicFiles.move(state("core-next"), state("core-trying"));
            trial = next;
            return folder(next.get());
        }
        Optional<String> current = read("core-current");
        if (current.isPresent()
                && Files.isDirectory(folder(current.get()))
                && line("core-current", 1).equals(version(dist))) {
            return folder(current.get());
        }
        return dist;
    }

    /// Whether the core that was chosen has never come up here.
    boolean isTrial() {
        return trial.isPresent();
    }

    /// Whether a core starts when the one that runs has ended: one to be tried, or the same once more.
    boolean goesOn() {
        return Files.exists(state("core-next")) || Files.exists(restart());
    }

    /// The core on trial has come up.
    void confirm() throws IOException {
        String version = trial.orElseThrow();
        write("core-current", version + "\n" + version(dist) + "\n");
        AtomicFiles.delete(state("core-trying"));
        trial = Optional.empty();
        NodeLog.launcher().log(Level.INFO, "core {0} has come up", version);
        removeOthers(version);
    }

    /// The core that came up once is not what it was: the distribution's is the one to start with.
    void forget(String why) throws IOException {
        NodeLog.launcher()
                .log(
                        Level.ERROR,
                        "the core that this node updated itself to is left, the distribution''s starts: {0}",
                        why);
        AtomicFiles.delete(state("core-current"));
    }

    /// The core on trial has not.
    void reject(String why) throws IOException {
        reject(trial.orElseThrow(), why);
    }

    private void reject(String version, String why) throws IOException {
        NodeLog.launcher().log(Level.ERROR, "core {0} did not come up, the one before it starts: {1}", version, why);
        List<String> rejected = new ArrayList<>(lines("core-rejected"));
        rejected.removeIf(line -> line.startsWith(version + " "));
        rejected.add(version + " " + why.replaceAll("\\s+", " "));
        List<String> newest = rejected.subList(Math.max(0, rejected.size() - MAX_REJECTED), rejected.size());
        write("core-rejected", String.join("\n", newest) + "\n");
        AtomicFiles.delete(state("core-trying"));
        trial = Optional.empty();
    }

    /// What a core calls itself.
    static String version(Path core) throws IOException {
        Path file = core.resolve(VERSION_FILE);
        return Files.exists(file) ? Files.readString(file).strip() : "";
    }

    private void removeOthers(String version) throws IOException {
        List<Path> others;
        try (Stream<Path> all = Files.list(home.resolve("cores"))) {
            others = all.filter(core -> !core.getFileName().toString().equals(version))
                    .toList();
        }
        for (Path other : others) {
            try (Stream<Path> files = Files.walk(other)) {
                for (Path file : files.toList().reversed()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Path folder(String version) {
        return home.resolve("cores").resolve(version);
    }

    private Path restart() {
        return home.resolve("run/restart");
    }

    private Path state(String name) {
        return home.resolve("state").resolve(name);
    }

    /// A version, or nothing where there is none or the file makes no sense.
    private Optional<String> read(String name) {
        String version = line(name, 0);
        return version.matches(VERSION) && !version.startsWith(".") ? Optional.of(version) : Optional.empty();
    }

    private String line(String name, int number) {
        List<String> lines = lines(name);
        return number < lines.size() ? lines.get(number).strip() : "";
    }

    /// Nothing where there is no file, or one that cannot be read: then the distribution's core starts.
    private List<String> lines(String name) {
        try {
            // One byte is one character: what is damaged can be read, too.
            return Files.readAllLines(state(name), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            NodeLog.launcher()
                    .log(
                            Level.WARNING,
                            "{0} cannot be read and does not count: {1}. Remove it",
                            state(name),
                            NodeHome.describe(e));
            return List.of();
        }
    }

    private void write(String name, String text) throws IOException {
        AtomicFiles.write(state(name), text);
    }
}
