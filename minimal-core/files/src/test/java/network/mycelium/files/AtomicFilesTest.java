package network.mycelium.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void a_file_is_made_and_replaced() throws IOException {
        Path file = folder.resolve("file");
        AtomicFiles.write(file, "old");
        assertThat(file).hasContent("old");
        AtomicFiles.write(file, new byte[] {'n', 'e', 'w'});
        assertThat(file).hasContent("new");
        assertThat(names()).containsExactly("file");
    }

    @Test
    void content_that_fails_leaves_the_old_file_and_nothing_else() throws IOException {
        Path file = folder.resolve("file");
        AtomicFiles.write(file, "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("the source is gone");
                }))
                .hasMessage("the source is gone");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("file");
    }

    @Test
    void a_private_file_is_its_owners_from_the_first_byte_on() throws IOException {
        Path file = folder.resolve("key");
        AtomicFiles.write(file, "open");
        AtomicFiles.writePrivate(file, new byte[] {1});
        assertThat(permissions(file)).isEqualTo("rw-------");
        AtomicFiles.write(folder.resolve("open"), out -> {
            try (Stream<Path> files = Files.list(folder)) {
                Path unfinished = files.filter(f -> f.getFileName().toString().endsWith(".tmp"))
                        .findFirst()
                        .orElseThrow();
                assertThat(permissions(unfinished)).isNotEqualTo("rw-------");
            }
        });
    }

    @Test
    void what_a_crash_left_is_removed_and_nothing_else() throws IOException {
        AtomicFiles.write(folder.resolve("file"), out -> {
            // What lies here in the midst of a write is what a crash leaves.
            Path unfinished = folder.resolve(names().getFirst());
            Files.copy(unfinished, folder.resolve(".atomic-left.tmp"));
        });
        Files.writeString(folder.resolve("notes.tmp"), "");
        assertThat(AtomicFiles.clean(folder)).isEqualTo(1);
        assertThat(names()).containsExactly("file", "notes.tmp");
        assertThat(AtomicFiles.clean(folder.resolve("absent"))).isZero();
    }

    @Test
    void files_and_folders_are_moved_and_deleted() throws IOException {
        Path deep = folder.resolve("a/b/c");
        AtomicFiles.createFolders(deep);
        AtomicFiles.write(deep.resolve("file"), "x");
        AtomicFiles.write(folder.resolve("file"), "y");
        AtomicFiles.move(deep.resolve("file"), folder.resolve("file"));
        assertThat(folder.resolve("file")).hasContent("x");
        AtomicFiles.move(deep, folder.resolve("moved"));
        assertThat(folder.resolve("moved")).isEmptyDirectory();
        assertThat(AtomicFiles.delete(folder.resolve("moved"))).isTrue();
        assertThat(AtomicFiles.delete(folder.resolve("moved"))).isFalse();
    }

    @Test
    void readers_and_writers_at_once_see_whole_contents() throws Exception {
        Path file = folder.resolve("file");
        List<String> contents =
                IntStream.range(0, 4).mapToObj(i -> ("" + i).repeat(20_000)).toList();
        AtomicFiles.write(file, contents.getFirst());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = contents.stream()
                    .<Future<?>>map(content -> threads.submit(() -> {
                        for (int i = 0; i < 25; i++) {
                            AtomicFiles.write(file, content);
                        }
                        return null;
                    }))
                    .toList();
            while (!writers.stream().allMatch(Future::isDone)) {
                assertThat(Files.readString(file)).isIn(contents);
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        assertThat(names()).containsExactly("file");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
