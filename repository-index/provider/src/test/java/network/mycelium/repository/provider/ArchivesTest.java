package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
    @TempDir
    Path temp;

    private Repositories repositories;
    private String key;

    @BeforeEach
    void folder() throws RepositoryException {
        repositories = new Repositories(temp);
        key = repositories.keygen("r");
    }

    private Path export(String name) throws RepositoryException {
        Path archive = temp.resolve(name);
        repositories.publisher.exportArchive(repositories.repository("r"), key, archive);
        return archive;
    }

    private Path read(Path archive) throws RepositoryException {
        return repositories.publisher.importArchive(archive, key);
    }

    private Map<String, String> content() throws IOException {
        Map<String, String> content = new TreeMap<>();
        if (Files.exists(temp.resolve("archives"))) {
            try (Stream<Path> files = Files.walk(temp.resolve("archives"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    content.put(file.toString(), network.mycelium.files.Sha256.of(file));
                }
            }
        }
        return content;
    }

    /// The archive with one entry replaced, or without it.
    private Path altered(Path archive, String entry, byte[] bytes) throws IOException {
        Path altered = temp.resolve("altered");
        try (var in = new ZipFile(archive.toFile());
                var out = new ZipOutputStream(Files.newOutputStream(altered))) {
            for (ZipEntry each : in.stream().toList()) {
                if (!each.getName().equals(entry) || bytes.length > 0) {
                    out.putNextEntry(new ZipEntry(each.getName()));
                    out.write(
                            each.getName().equals(entry)
                                    ? bytes
                                    : in.getInputStream(each).readAllBytes());
                    out.closeEntry();
                }
            }
        }
        return altered;
    }

    @Test
    void a_later_archive_takes_the_place_of_the_earlier_with_what_it_no_longer_lists() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        Path first = export("first");
        read(first);
        repositories.publish("r", repositories.bundle("b", "1.0.0"));
        Path folder = read(export("second"));
        Files.write(folder.resolve("bundles/left-over.jar"), new byte[1]);
        read(temp.resolve("second"));
        assertThat(repositories.publisher.verify(folder, key))
                .extracting(check -> check.bundle().symbolicName() + check.problem())
                .containsExactly("a", "b");
        assertThat(folder.resolve("bundles/left-over.jar")).doesNotExist();
        assertThatThrownBy(() -> read(first)).hasMessageContaining("older than 2");
    }

    @Test
    void nothing_is_written_before_all_was_checked() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0", 5_000));
        Path first = export("first");
        read(first);
        Map<String, String> before = content();
        repositories.publish("r", repositories.bundle("b", "1.0.0"), repositories.bundle("c", "1.0.0"));
        Path second = export("second");
        for (byte[] bad : List.of(new byte[0], new byte[10], new byte[1 << 20])) {
            assertThatThrownBy(() -> read(altered(second, "bundles/c-1.0.0.jar", bad)))
                    .isInstanceOf(RepositoryException.class)
                    .hasMessageContaining("bundles/c-1.0.0.jar");
            assertThat(content()).isEqualTo(before);
        }
        repositories.keygen("other");
        assertThatThrownBy(() -> repositories.publisher.importArchive(second, repositories.id("other")))
                .hasMessageContaining("not signed by");
        assertThat(content()).isEqualTo(before);
    }

    /// The publisher's key in two hands: the one index lists another content for a version that the other has, or
    /// is another one with the same number.
    @Test
    void an_archive_that_contradicts_the_one_before_is_refused_before_it_overwrites() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        read(export("first"));
        Map<String, String> before = content();
        var others = new Repositories(temp.resolve("others"));
        Files.copy(repositories.key("r"), Files.createDirectories(others.folder).resolve("r.key"));
        others.publish("r", others.bundle("a", "1.0.0", "Extra", "other"));
        Path same = temp.resolve("same-number");
        others.publisher.exportArchive(others.repository("r"), key, same);
        assertThatThrownBy(() -> read(same)).hasMessageContaining("another index with the sequence number 1");
        others.publish("r", others.bundle("b", "1.0.0"));
        Path higher = temp.resolve("higher-number");
        others.publisher.exportArchive(others.repository("r"), key, higher);
        assertThatThrownBy(() -> read(higher)).hasMessageContaining("a version never changes");
        assertThat(content()).isEqualTo(before);
    }

    @Test
    void the_same_repository_gives_the_same_archive() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        assertThat(export("one")).hasSameBinaryContentAs(export("two"));
    }
}
