package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryIndex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexRegistryTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    Path temp;

    private Repositories repositories;
    private HttpServer server;
    private Instant now = START;

    @BeforeEach
    void serve() throws IOException {
        repositories = new Repositories(temp);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Path file = temp.resolve(exchange.getRequestURI().getPath().substring(1));
            byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(Files.exists(file) ? 200 : 404, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI web(String repository) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + repository + "/");
    }

    private IndexRegistry registry() throws IOException {
        InstantSource clock = () -> now;
        return new IndexRegistry(temp.resolve("home"), Optional.empty(), clock);
    }

    private static List<String> names(RepositoryIndex registry) {
        return registry.search("").stream().map(BundleRef::symbolicName).toList();
    }

    @Test
    void an_added_index_is_there_after_a_restart_and_without_its_source() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        registry().add(web("r"), Optional.of(repositories.id("r")));
        server.stop(0);
        IndexRegistry again = registry();
        assertThat(names(again)).containsExactly("a");
        assertThat(again.sources()).singleElement().satisfies(source -> {
            assertThat(source.sequence()).isEqualTo(1);
            assertThat(source.problem()).isEmpty();
        });
    }

    /// What an attacker in the network path does: a node that first read the newer index at boot gets the older
    /// one.
    @Test
    void an_index_that_was_read_at_boot_is_remembered_though_nobody_refreshed() throws Exception {
        URI folder = repositories.publish("r", repositories.bundle("a", "1.0.0"));
        byte[] old = Files.readAllBytes(repositories.repository("r").resolve("index.xml"));
        registry().add(folder, Optional.of(repositories.id("r")));
        repositories.publish("r", repositories.bundle("b", "1.0.0"));
        assertThat(names(registry())).containsExactly("a", "b");
        Files.write(repositories.repository("r").resolve("index.xml"), old);
        IndexRegistry attacked = registry();
        assertThat(names(attacked)).containsExactly("a", "b");
        assertThat(attacked.sources().getFirst().problem()).contains("older than 2");
    }

    @Test
    void an_older_index_is_refused_on_refresh_and_the_newer_stays() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        byte[] old = Files.readAllBytes(repositories.repository("r").resolve("index.xml"));
        repositories.publish("r", repositories.bundle("b", "1.0.0"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        Files.write(repositories.repository("r").resolve("index.xml"), old);
        assertThat(registry.refresh().getFirst().problem()).contains("older than 2");
        assertThat(names(registry)).containsExactly("a", "b");
    }

    @Test
    void nothing_is_loaded_from_a_web_servers_index_that_has_expired() throws Exception {
        repositories.publish("r", START.plusSeconds(60), repositories.bundle("a", "1.0.0"));
        Optional<String> key = Optional.of(repositories.id("r"));
        IndexRegistry registry = registry();
        registry.add(web("r"), key);
        assertThat(names(registry)).containsExactly("a");
        now = START.plusSeconds(60);
        assertThat(names(registry)).isEmpty();
        assertThat(registry.sources().getFirst().problem()).contains("holds until 2026-11-24T12:01:00Z");
        assertThat(names(registry())).as("after a restart").isEmpty();
        registry.remove(web("r"));
        assertThatThrownBy(() -> registry.add(web("r"), key)).hasMessageContaining("holds until");
    }

    @Test
    void a_signature_made_anew_counts_and_one_made_before_does_not() throws Exception {
        repositories.publish("r", START.plusSeconds(60), repositories.bundle("a", "1.0.0"));
        byte[] held = Files.readAllBytes(repositories.repository("r").resolve("index.xml"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        repositories.publish("r", START.plusSeconds(3600));
        registry.refresh();
        Files.write(repositories.repository("r").resolve("index.xml"), held);
        now = START.plusSeconds(100);
        assertThat(registry.refresh().getFirst().problem()).isEmpty();
        assertThat(names(registry)).containsExactly("a");
        assertThat(names(registry())).as("after a restart").containsExactly("a");
    }

    @Test
    void a_folders_index_does_not_expire() throws Exception {
        URI folder = repositories.publish("r", START.minusSeconds(1), repositories.bundle("a", "1.0.0"));
        IndexRegistry registry = registry();
        registry.add(folder, Optional.of(repositories.id("r")));
        assertThat(names(registry)).containsExactly("a");
    }

    @Test
    void one_source_that_cannot_be_read_keeps_no_other_from_being_used() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        repositories.publish("s", repositories.bundle("b", "1.0.0"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        registry.add(web("s"), Optional.of(repositories.id("s")));
        Files.writeString(repositories.repository("r").resolve("index.xml"), "<nonsense");
        assertThat(registry.refresh())
                .satisfiesExactly(
                        source -> assertThat(source.problem()).contains("is no signature"),
                        source -> assertThat(source.problem()).isEmpty());
        assertThat(names(registry)).as("the last good one stays").containsExactly("a", "b");
    }

    @Test
    void a_crash_between_the_copy_and_its_number_leaves_the_newer_index() throws Exception {
        URI folder = repositories.publish("r", repositories.bundle("a", "1.0.0"));
        registry().add(web("r"), Optional.of(repositories.id("r")));
        byte[] sources = Files.readAllBytes(temp.resolve("home/state/sources"));
        repositories.publish("r", repositories.bundle("b", "1.0.0"));
        registry().refresh();
        Files.write(temp.resolve("home/state/sources"), sources);
        server.stop(0);
        assertThat(names(registry())).containsExactly("a", "b");
        assertThat(folder).isNotNull();
    }

    @Test
    void a_disk_that_takes_no_number_lets_no_index_be_used_that_could_be_taken_back() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        repositories.publish("r", repositories.bundle("b", "1.0.0"));
        Path file = temp.resolve("home/state/sources");
        Files.delete(file);
        Files.createDirectories(file.resolve("in-the-way"));
        assertThat(registry.refresh().getFirst().problem()).contains("cannot be written");
        assertThat(names(registry)).containsExactly("a");
    }

    @Test
    void a_wrong_key_is_no_key_and_an_unknown_source_cannot_be_removed() throws Exception {
        URI folder = repositories.publish("r", repositories.bundle("a", "1.0.0"));
        IndexRegistry registry = registry();
        assertThatThrownBy(() -> registry.add(folder, Optional.of("rsa:x"))).hasMessageContaining("No publisher's key");
        repositories.keygen("other");
        assertThatThrownBy(() -> registry.add(folder, Optional.of(repositories.id("other"))))
                .hasMessageContaining("not by");
        assertThatThrownBy(() -> registry.remove(folder))
                .isInstanceOf(RepositoryException.class)
                .hasMessageContaining("There is no source");
        assertThat(registry.sources()).isEmpty();
    }

    @Test
    void a_removed_source_is_gone_with_its_copy() throws Exception {
        repositories.publish("r", repositories.bundle("a", "1.0.0"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        registry.remove(web("r"));
        assertThat(names(registry)).isEmpty();
        assertThat(temp.resolve("home/cache/indexes")).isEmptyDirectory();
        assertThat(registry().sources()).isEmpty();
    }

    @Test
    void what_an_index_requires_is_resolved_over_all_of_them() throws Exception {
        repositories.publish(
                "r", repositories.bundle("user", "1.0.0", "Require-Bundle", "base;bundle-version=\"[1,2)\""));
        repositories.publish("s", repositories.bundle("base", "1.5.0"), repositories.bundle("base", "2.0.0"));
        IndexRegistry registry = registry();
        registry.add(web("r"), Optional.of(repositories.id("r")));
        registry.add(repositories.repository("s").toUri(), Optional.of(repositories.id("s")));
        var request = new RepositoryIndex.Request(
                List.of("osgi.identity;filter:=\"(osgi.identity=user)\""), List.of(), Map.of(), Set.of());
        assertThat(registry.resolve(request).install().values())
                .extracting(BundleRef::id)
                .containsExactly("base 1.5.0", "user 1.0.0");
    }
}
