package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryPublisherTest {
    @TempDir
    Path temp;

    private RepositoryPublisher publisher;
    private Path key;
    private String id;

    private void key() throws RepositoryException {
        publisher = new RepositoryPublisher(temp.resolve("archives"));
        key = temp.resolve("key");
        id = publisher.generateKey(key);
    }

    private Path bundle(String name, String version, String extra) throws IOException {
        Path jar = temp.resolve(name + "-" + version + extra + ".jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", name);
        manifest.getMainAttributes().putValue("Bundle-Version", version);
        manifest.getMainAttributes().putValue("Bundle-License", "MIT");
        manifest.getMainAttributes().putValue("Extra", "x" + extra);
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    @Test
    void a_key_is_for_its_owner_alone_and_never_overwritten() throws Exception {
        key();
        assertThat(Files.getPosixFilePermissions(key)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(publisher.keyId(key)).isEqualTo(id);
        assertThatThrownBy(() -> publisher.generateKey(key)).hasMessageContaining("never overwritten");
    }

    @Test
    void a_published_version_never_changes() throws Exception {
        key();
        Path repository = temp.resolve("repository");
        // Made once: a jar made two seconds later has other times in it.
        Path same = bundle("a", "1.0.0", "");
        publisher.publish(repository, key, List.of(same));
        publisher.publish(repository, key, List.of(same));
        assertThatThrownBy(() -> publisher.publish(repository, key, List.of(bundle("a", "1.0.0", "other"))))
                .hasMessageContaining("raise Bundle-Version");
    }

    @Test
    void verify_names_the_bundle_that_was_changed() throws Exception {
        key();
        Path repository = temp.resolve("repository");
        publisher.publish(repository, key, List.of(bundle("a", "1.0.0", ""), bundle("b", "1.0.0", "")));
        assertThat(publisher.verify(repository, id))
                .allSatisfy(c -> assertThat(c.problem()).isEmpty());
        Files.write(repository.resolve("bundles/b-1.0.0.jar"), new byte[10]);
        assertThat(publisher.verify(repository, id)).anySatisfy(c -> {
            assertThat(c.bundle().symbolicName()).isEqualTo("b");
            assertThat(c.problem()).contains("digest");
        });
    }

    @Test
    void a_bundle_without_licence_is_not_published() throws Exception {
        key();
        Path jar = temp.resolve("x.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", "x");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        assertThatThrownBy(() -> publisher.publish(temp.resolve("repository"), key, List.of(jar)))
                .hasMessageContaining("Bundle-License");
    }

    @Test
    void an_archive_carries_a_repository_and_refuses_every_change() throws Exception {
        key();
        Path repository = temp.resolve("repository");
        publisher.publish(repository, key, List.of(bundle("a", "1.0.0", "")));
        Path archive = temp.resolve("a.mycelium");
        publisher.exportArchive(repository, id, archive);
        Path imported = publisher.importArchive(archive, id);
        assertThat(publisher.verify(imported, id))
                .hasSize(1)
                .allSatisfy(c -> assertThat(c.problem()).isEmpty());

        byte[] good = Files.readAllBytes(archive);
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        Path changed = temp.resolve("changed");
        Path fresh = temp.resolve("fresh");
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(changed, bytes);
            try {
                Path folder = new RepositoryPublisher(fresh).importArchive(changed, id);
                // A bit that means nothing, such as a time stamp in the zip directory: then all content is genuine.
                assertThat(publisher.verify(folder, id))
                        .as("seed %d, round %d", seed, i)
                        .allSatisfy(c -> assertThat(c.problem()).isEmpty());
            } catch (RepositoryException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).hasSizeGreaterThan(20);
            }
        }
        String other = publisher.generateKey(temp.resolve("other"));
        assertThatThrownBy(() -> publisher.importArchive(archive, other)).hasMessageContaining("not signed by");
    }
}
