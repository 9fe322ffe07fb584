package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import network.mycelium.files.AtomicFiles;
import network.mycelium.launcher.update.CoreUpdate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// The component core in a real framework.
class CoreUpdateTest {
    @TempDir
    Path temp;

    private Path home;
    private Framework framework;

    @BeforeEach
    void start() throws Exception {
        home = Files.createDirectories(temp.resolve("home"));
        Files.createDirectories(home.resolve("state"));
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        "org.osgi.framework.storage",
                        temp.resolve("framework").toString(),
                        "felix.cache.locking",
                        "false",
                        "mycelium.home",
                        home.toString(),
                        "mycelium.core.version",
                        "1.0.0"));
        framework.start();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    private static byte[] archive(String version, Map<String, String> files) throws IOException {
        var manifest = new Manifest();
        var main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "network.mycelium.core");
        main.putValue("Bundle-Version", version);
        main.putValue("Bundle-Activator", CoreUpdate.class.getName());
        main.putValue("Import-Package", "org.osgi.framework");
        var bytes = new ByteArrayOutputStream();
        try (var out = new JarOutputStream(bytes, manifest)) {
            for (Class<?> part : new Class<?>[] {CoreUpdate.class, AtomicFiles.class, AtomicFiles.Content.class}) {
                String path = part.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(path));
                try (InputStream in = part.getClassLoader().getResourceAsStream(path)) {
                    in.transferTo(out);
                }
            }
            for (var file : files.entrySet()) {
                out.putNextEntry(new JarEntry(file.getKey()));
                out.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private void load(String version, Map<String, String> files) throws Exception {
        framework
                .getBundleContext()
                .installBundle("core:" + version, new ByteArrayInputStream(archive(version, files)))
                .start();
    }

    @Test
    void another_core_is_put_beside_the_one_that_runs_and_the_framework_ends() throws Exception {
        Files.createDirectories(home.resolve("cores/2.0.0/core"));
        Files.writeString(home.resolve("cores/2.0.0/core/left"), "of a power cut");
        Files.createDirectories(home.resolve("cores/2.0.0.new/core"));
        load("2.0.0", Map.of("core/00-core/version", "2.0.0", "core.manifest", "m", "release.pub", "k", "other", "x"));
        assertThat(framework.waitForStop(20_000).getType()).isEqualTo(FrameworkEvent.STOPPED);
        Path core = home.resolve("cores/2.0.0");
        assertThat(core.resolve("core/00-core/version")).hasContent("2.0.0");
        assertThat(core.resolve("core.manifest")).exists();
        assertThat(core.resolve("release.pub")).exists();
        assertThat(core.resolve("other")).doesNotExist();
        assertThat(core.resolve("core/left")).doesNotExist();
        assertThat(home.resolve("cores/2.0.0.new")).doesNotExist();
        assertThat(home.resolve("state/core-next")).hasContent("2.0.0\n");
    }

    @Test
    void the_core_that_runs_is_left_alone() throws Exception {
        load("1.0.0", Map.of("core/00-core/version", "1.0.0"));
        assertThat(home.resolve("cores")).doesNotExist();
        assertThat(home.resolve("state/core-next")).doesNotExist();
    }

    @Test
    void a_core_that_is_loaded_beside_others_stays_when_the_node_boots() throws Exception {
        boot("1.0.0", "2.0.0", "0.9.0");
        assertThat(home.resolve("state/core-next")).doesNotExist();
        load("3.0.0", Map.of("core/00-core/version", "3.0.0"));
        assertThat(home.resolve("state/core-next")).hasContent("3.0.0\n");
    }

    @Test
    void a_core_that_was_loaded_comes_back_when_the_node_boots_with_another() throws Exception {
        boot("2.0.0");
        assertThat(home.resolve("state/core-next")).hasContent("2.0.0\n");
    }

    private void boot(String... loaded) throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
        framework.init();
        for (String version : loaded) {
            load(version, Map.of("core/00-core/version", version));
        }
        assertThat(home.resolve("state/core-next")).doesNotExist();
        framework.start();
    }

    @Test
    void every_version_that_did_not_come_up_is_refused_and_says_why() throws Exception {
        Files.writeString(home.resolve("state/core-rejected"), "2.0.0 it fell\n3.0.0 there is no Shell\n");
        for (String[] one : new String[][] {{"2.0.0", "it fell"}, {"3.0.0", "there is no Shell"}}) {
            assertThatThrownBy(() -> load(one[0], Map.of("core/a", "x")))
                    .isInstanceOf(BundleException.class)
                    .rootCause()
                    .hasMessageContaining("core " + one[0] + " was tried on this node and did not come up: " + one[1]);
        }
        assertThat(home.resolve("state/core-next")).doesNotExist();
    }

    @Test
    void a_damaged_list_of_those_refuses_none() throws Exception {
        Files.write(home.resolve("state/core-rejected"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 10, 10});
        load("2.0.0", Map.of("core/00-core/version", "2.0.0"));
        assertThat(home.resolve("state/core-next")).hasContent("2.0.0\n");
    }
}
