package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import network.mycelium.files.AtomicFiles;
import network.mycelium.identity.provider.Beat.Age;

/// The age of the last beat of each member, dead ones too: an older beat that somebody recorded revives nobody. Kept
/// over a start of this node, but for what came after it was last saved. One thread at a time.
final class BeatAges {
    private static final Logger LOG = System.getLogger(BeatAges.class.getName());
    /// At the bound the one that was not heard for longest is forgotten.
    static final int MAX = 20_000;

    private final Path file;
    private final Map<String, Age> last = new LinkedHashMap<>();

    /// @param file null to keep nothing
    BeatAges(Path file) {
        this.file = file;
        if (file != null && Files.exists(file)) {
            try {
                new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                        .lines()
                        .forEach(this::read);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "{0} cannot be read: {1}", file, e.getMessage());
            }
        }
    }

    private void read(String line) {
        String[] words = line.split(" ");
        try {
            if (words.length == 3) {
                set(words[0], new Age(Long.parseLong(words[1]), Long.parseLong(words[2])));
            }
        } catch (NumberFormatException e) {
            LOG.log(Level.WARNING, "a line of {0} is dropped: {1}", file, e.getMessage());
        }
    }

    boolean isNews(String peer, Age age) {
        Age before = last.get(peer);
        return before == null || age.isAfter(before);
    }

    void set(String peer, Age age) {
        last.remove(peer);
        last.put(peer, age);
        if (last.size() > MAX) {
            last.remove(last.keySet().iterator().next());
        }
    }

    void save() {
        if (file == null) {
            return;
        }
        var lines = new StringBuilder();
        last.forEach((peer, age) -> lines.append(peer)
                .append(' ')
                .append(age.booted())
                .append(' ')
                .append(age.count())
                .append('\n'));
        try {
            AtomicFiles.writePrivate(file, lines.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", file, e.getMessage());
        }
    }

    /// The number of this run of the node, whatever its clock says: above that of each run before. Where it cannot be
    /// kept, as on a full disk, the next run has its clock to go by.
    static long nextRun(Path file, long now) throws IOException {
        long before = 0;
        if (Files.exists(file)) {
            try {
                before = Long.parseLong(new String(Files.readAllBytes(file), StandardCharsets.US_ASCII).strip());
            } catch (NumberFormatException e) {
                LOG.log(Level.WARNING, "{0} is damaged, the clock counts: {1}", file, e.getMessage());
            }
        }
        long run = Math.max(now, before + 1);
        try {
            AtomicFiles.writePrivate(file, Long.toString(run).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", file, e.getMessage());
        }
        return run;
    }
}
