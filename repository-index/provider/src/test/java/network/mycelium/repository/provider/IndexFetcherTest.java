package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexFetcherTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000);

    @TempDir
    Path folder;

    private Path repository;
    private Path copies;
    private RepositoryPublisher publisher;
    private IndexFetcher fetcher;
    private TrustedSource source;

    @BeforeEach
    void publish() throws Exception {
        repository = folder.resolve("repository");
        copies = folder.resolve("copies");
        publisher = new RepositoryPublisher(folder.resolve("archives"));
        String key = publisher.generateKey(folder.resolve("key"));
        publish("one");
        fetcher = new IndexFetcher(new UrlReader(Duration.ofSeconds(10), 1024), copies);
        source = new TrustedSource(repository.toUri(), Optional.of(key), -1, "");
        source = fetch().source();
    }

    private IndexFetcher.Fetched fetch() throws Exception {
        IndexFetcher.Fetched fetched = fetcher.fetch(source);
        fetcher.keep(fetched);
        return fetched;
    }

    private void publish(String name) throws Exception {
        var manifest = new Manifest();
        manifest.getMainAttributes().putValue(Attributes.Name.MANIFEST_VERSION.toString(), "1.0");
        Map.of(
                        "Bundle-ManifestVersion", "2",
                        "Bundle-SymbolicName", name,
                        "Bundle-Version", "1.0.0",
                        "Bundle-License", "MIT")
                .forEach(manifest.getMainAttributes()::putValue);
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
        publisher.publish(repository, folder.resolve("key"), List.of(jar));
    }

    private Path compact() throws Exception {
        try (Stream<Path> files = Files.list(copies)) {
            return files.filter(f -> f.toString().endsWith(".compact"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> names(IndexFetcher.Fetched fetched) {
        return fetched.index().search("").stream()
                .map(r -> r.ref().symbolicName())
                .toList();
    }

    @Test
    void what_was_read_once_is_not_read_again() throws Exception {
        Files.setLastModifiedTime(compact(), LONG_AGO);
        assertThat(names(fetch())).containsExactly("one");
        assertThat(names(fetcher.copy(source))).containsExactly("one");
        assertThat(Files.getLastModifiedTime(compact())).isEqualTo(LONG_AGO);
    }

    @Test
    void a_newer_index_is_read_itself() throws Exception {
        publish("two");
        assertThat(names(fetch())).containsExactly("one", "two");
    }

    @Test
    void what_does_not_belong_to_the_index_is_not_used() throws Exception {
        byte[] old = Files.readAllBytes(compact());
        publish("two");
        source = fetch().source();
        Files.write(compact(), old);
        assertThat(names(fetch())).containsExactly("one", "two");
        assertThat(Files.readAllBytes(compact())).isNotEqualTo(old);
    }

    @Test
    void a_damaged_or_missing_one_is_made_anew() throws Exception {
        byte[] good = Files.readAllBytes(compact());
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(compact(), bad);
        assertThat(names(fetch())).containsExactly("one");
        assertThat(Files.readAllBytes(compact())).isEqualTo(good);
        Files.delete(compact());
        assertThat(names(fetcher.copy(source))).containsExactly("one");
        assertThat(Files.readAllBytes(compact())).isEqualTo(good);
    }

    @Test
    void a_changed_index_is_refused_though_the_old_was_read() throws Exception {
        Path index = repository.resolve(IndexDocument.FILE);
        Files.writeString(index, Files.readString(index).replace("\"one\"", "\"won\""));
        assertThatThrownBy(() -> fetcher.fetch(source))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("signature");
    }

    /// Though the index is the one that was read, of which the signature was right.
    @Test
    void another_signature_is_refused_and_so_is_another_publisher() throws Exception {
        Path index = repository.resolve(IndexDocument.FILE);
        String text = Files.readString(index);
        int signature = text.lastIndexOf(" ", text.length() - " -->\n".length() - 1) + 1;
        Files.writeString(index, text.substring(0, signature) + "AAAA" + text.substring(signature + 4));
        assertThatThrownBy(() -> fetcher.fetch(source)).hasMessageContaining("signature");
        String other = publisher.generateKey(folder.resolve("other-key"));
        assertThatThrownBy(() -> fetcher.fetch(
                        new TrustedSource(source.location(), Optional.of(other), source.sequence(), source.sha256())))
                .hasMessageContaining("signature");
    }

    @Test
    void an_index_with_its_signature_in_another_file_is_refused_with_what_to_do() throws Exception {
        Path index = repository.resolve(IndexDocument.FILE);
        Files.write(index, SignedIndex.parse(Files.readAllBytes(index)).document());
        assertThatThrownBy(() -> fetcher.fetch(source)).hasMessageContaining("must publish it with this version");
    }

    /// A reader has the index with its own signature at every moment of a publication.
    @Test
    void readers_race_publications_and_always_get_a_whole_index() throws Exception {
        var done = new java.util.concurrent.atomic.AtomicBoolean();
        var publishing = java.util.concurrent.CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < 30; i++) {
                    publish("more" + i);
                }
            } catch (Exception e) {
                throw new java.util.concurrent.CompletionException(e);
            } finally {
                done.set(true);
            }
        });
        int reads = 0;
        while (!done.get()) {
            assertThat(names(fetcher.fetch(source))).contains("one");
            reads++;
        }
        publishing.get();
        assertThat(reads).isPositive();
    }

    @Test
    void what_cannot_be_kept_is_used_all_the_same() throws Exception {
        Path compact = compact();
        Files.delete(compact);
        Files.createDirectories(compact.resolve("in-the-way"));
        assertThat(names(fetch())).containsExactly("one");
    }

    @Test
    void nothing_is_left_of_a_source_that_is_forgotten() throws Exception {
        fetcher.forget(source);
        assertThat(copies).isEmptyDirectory();
    }
}
