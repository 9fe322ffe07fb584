package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialsTest {
    @TempDir
    Path temp;

    private void partial(String name, long bytes, Duration age) throws IOException {
        try (var file = new RandomAccessFile(temp.resolve(name).toFile(), "rw")) {
            // Sparse: it takes no room on the disk of the test.
            file.setLength(bytes);
        }
        Files.setLastModifiedTime(
                temp.resolve(name), FileTime.from(Instant.now().minus(age)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void what_was_not_touched_for_a_day_goes_but_for_what_is_fetched_now() throws IOException {
        partial("fresh", 10, Duration.ofHours(1));
        partial("old", 10, Duration.ofHours(25));
        partial("wanted", 10, Duration.ofHours(25));
        new Partials(temp).makeRoom("wanted");
        assertThat(names()).containsExactly("fresh", "wanted");
    }

    @Test
    void the_oldest_of_too_many_bytes_go() throws IOException {
        partial("a", Partials.MAX_BYTES / 2, Duration.ofMinutes(1));
        partial("b", Partials.MAX_BYTES / 2, Duration.ofMinutes(2));
        partial("c", 1, Duration.ofMinutes(3));
        new Partials(temp).makeRoom("d");
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void a_folder_that_is_not_there_is_made() throws IOException {
        var partials = new Partials(temp.resolve("cache/partial"));
        partials.makeRoom("x");
        assertThat(partials.file("x").getParent()).isEmptyDirectory();
    }
}
