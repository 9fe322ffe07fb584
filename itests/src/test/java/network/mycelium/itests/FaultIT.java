package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentStatus.State;
import network.mycelium.repository.Publisher;
import network.mycelium.repository.RepositoryIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks, files and servers that fail: a clear error, and nothing lost.
class FaultIT {
    @TempDir
    Path temp;

    private Path bundle(String name) throws IOException {
        return TestBundle.named("f." + name, "1.0.0")
                .component(name)
                .service(name, "x")
                .write(temp.resolve("jars"));
    }

    private Path cached(Core core) throws IOException {
        try (var files = Files.list(core.home.resolve("cache/bundles"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void a_corrupt_cache_entry_is_fetched_again() throws Exception {
        try (var core = Core.start(temp.resolve("home"))) {
            core.repository(temp.resolve("repo")).publish(bundle("a"));
            core.load("a");
            core.change(Change.Kind.UNLOAD, "a");
            Path entry = cached(core);
            byte[] good = Files.readAllBytes(entry);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(entry, bad);
            core.load("a");
            assertThat(core.status("a").state()).isEqualTo(State.ACTIVE);
            assertThat(Files.readAllBytes(entry)).isEqualTo(good);
        }
    }

    @Test
    void a_torn_journal_tail_is_kept_aside_and_the_last_whole_set_runs() throws Exception {
        Path home = temp.resolve("home");
        try (var core = Core.start(home)) {
            core.repository(temp.resolve("repo")).publish(bundle("a"), bundle("b"));
            core.load("a");
            core.load("b");
        }
        Path journal = home.resolve("state/components.journal");
        byte[] bytes = Files.readAllBytes(journal);
        Files.write(journal, java.util.Arrays.copyOf(bytes, bytes.length - 7));
        try (var core = Core.start(home)) {
            assertThat(core.status("a").state()).isEqualTo(State.ACTIVE);
            assertThat(core.dynamicBundles()).containsExactly("f.a 1.0.0");
            assertThat(home.resolve("state/components.journal.damaged")).exists();
            core.load("b");
        }
        try (var core = Core.start(home)) {
            assertThat(core.dynamicBundles()).containsExactly("f.a 1.0.0", "f.b 1.0.0");
        }
    }

    @Test
    void an_unreachable_source_is_named_and_the_last_index_still_serves() throws Exception {
        try (var core = Core.start(temp.resolve("home"))) {
            var repository = new Core.TestRepository(core, temp.resolve("repo"));
            core.service(Publisher.class).publish(repository.folder, repository.key, java.util.List.of(bundle("a")));
            var server = serve(repository.folder);
            URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            core.service(RepositoryIndex.class).add(url, Optional.of(repository.publisher));
            server.stop(0);
            assertThat(core.service(RepositoryIndex.class).refresh())
                    .anySatisfy(s ->
                            assertThat(s.problem()).contains("cannot be read").contains(url.toString()));
            assertThatThrownBy(() -> core.load("a"))
                    .isInstanceOfSatisfying(
                            ComponentException.class,
                            e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.UNAVAILABLE))
                    .hasMessageContaining("f.a 1.0.0")
                    .hasMessageContaining("Connection refused");
            assertThat(core.dynamicBundles()).isEmpty();
        }
    }

    @Test
    void a_component_comes_over_http_and_a_server_that_stalls_is_given_up() throws Exception {
        Path home = temp.resolve("home");
        Files.createDirectories(home.resolve("config/network/mycelium/repository"));
        Files.writeString(
                home.resolve("config/network/mycelium/repository/url.config"),
                "service.pid=\"network.mycelium.repository.url\"\ntimeout.millis=\"700\"\n");
        try (var core = Core.start(home)) {
            var repository = new Core.TestRepository(core, temp.resolve("repo"));
            core.service(Publisher.class)
                    .publish(repository.folder, repository.key, java.util.List.of(bundle("a"), bundle("b")));
            var stall = new CountDownLatch(1);
            var server = serve(repository.folder);
            server.createContext("/bundles/f.b-1.0.0.jar", exchange -> {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write(new byte[100]);
                exchange.getResponseBody().flush();
                try {
                    stall.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.close();
            });
            URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            core.service(RepositoryIndex.class).add(url, Optional.of(repository.publisher));
            core.load("a");
            assertThat(core.status("a").state()).isEqualTo(State.ACTIVE);
            long start = System.nanoTime();
            assertThatThrownBy(() -> core.load("b"))
                    .hasMessageContaining("f.b 1.0.0")
                    .hasMessageContaining("imed out");
            assertThat(System.nanoTime() - start).isLessThan(25_000_000_000L);
            stall.countDown();
            server.stop(0);
        }
    }

    private static HttpServer serve(Path folder) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
            boolean there = Files.isRegularFile(file);
            exchange.sendResponseHeaders(there ? 200 : 404, there ? Files.size(file) : -1);
            if (there) {
                Files.copy(file, exchange.getResponseBody());
            }
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void a_full_disk_undoes_the_change_and_keeps_what_runs() throws Exception {
        Path mount = Files.createDirectories(temp.resolve("small"));
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", mount.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a small disk can only be mounted by root on Linux");
        try (var core = Core.start(mount.resolve("home"), Map.of("linger.millis", 3_600_000))) {
            Path big = TestBundle.named("f.big", "1.0.0")
                    .component("big")
                    .file("noise", TestBundle.noise(8 << 20, 1))
                    .write(temp.resolve("jars"));
            core.repository(temp.resolve("repo")).publish(bundle("a"), bundle("b"), big);
            core.load("a");
            assertThatThrownBy(() -> core.load("big"))
                    .hasMessageContaining("No space left")
                    .hasMessageContaining("f.big 1.0.0");
            assertThat(core.dynamicBundles()).containsExactly("f.a 1.0.0");
            try (var fill = Files.newOutputStream(mount.resolve("fill"), StandardOpenOption.CREATE)) {
                byte[] block = new byte[4096];
                while (true) {
                    fill.write(block);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
            assertThatThrownBy(() -> core.load("b")).hasMessageContaining("No space left");
            assertThat(core.dynamicBundles()).containsExactly("f.a 1.0.0");
            assertThat(core.status("a").state()).isEqualTo(State.ACTIVE);
            Files.delete(mount.resolve("fill"));
            core.load("b");
        } finally {
            new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
        }
    }
}
