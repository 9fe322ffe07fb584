package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleSource;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBundleStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    Path temp;

    private Repositories repositories;
    private DiskBundleStore store;
    private BundleRef a;
    private BundleRef b;
    private BundleRef c;

    @BeforeEach
    void publish() throws Exception {
        repositories = new Repositories(temp);
        repositories.publish(
                "r",
                repositories.bundle("a", "1.0.0", 100_000),
                repositories.bundle("b", "1.0.0", 100_000),
                repositories.bundle("c", "1.0.0", 100_000));
        a = repositories.ref("r", "a");
        b = repositories.ref("r", "b");
        c = repositories.ref("r", "c");
        store = store(1 << 20);
        store.addSource(new Folder("folder"), Map.of());
    }

    private DiskBundleStore store(long quota) throws IOException {
        return new DiskBundleStore(new BundleCache(temp.resolve("cache"), quota, Duration.ofDays(30), () -> NOW));
    }

    /// Gives what the index points to.
    private record Folder(String name) implements BundleSource {
        @Override
        public boolean mayHave(BundleRef bundle) {
            return true;
        }

        @Override
        public InputStream open(BundleRef bundle) throws IOException {
            return Files.newInputStream(Path.of(bundle.location()));
        }
    }

    /// Gives the same bytes for whatever is asked.
    private record Fixed(String name, byte[] bytes) implements BundleSource {
        @Override
        public boolean mayHave(BundleRef bundle) {
            return true;
        }

        @Override
        public InputStream open(BundleRef bundle) {
            return new ByteArrayInputStream(bytes);
        }
    }

    private Path cached(BundleRef ref) {
        return temp.resolve("cache").resolve(ref.sha256() + ".jar");
    }

    private String load(BundleRef ref) throws RepositoryException {
        return store.load(ref, bytes -> {}).source();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(temp.resolve("cache"))) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    @Test
    void a_bundle_comes_from_the_source_once_and_is_read_as_it_was_published() throws Exception {
        var received = new AtomicLong();
        var loaded = store.load(a, received::set);
        assertThat(loaded.source()).isEqualTo("folder");
        assertThat(received).hasValue(a.size());
        try (InputStream in = loaded.content().open()) {
            assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(Path.of(a.location())));
        }
        assertThat(load(a)).isEqualTo("cache");
        assertThat(files()).containsExactly(a.sha256() + ".jar");
    }

    @Test
    void what_changes_between_the_check_and_the_reading_is_noticed_before_its_end() throws Exception {
        var loaded = store.load(a, bytes -> {});
        byte[] bytes = Files.readAllBytes(cached(a));
        bytes[bytes.length / 2] ^= 1;
        Files.write(cached(a), bytes);
        try (InputStream in = loaded.content().open()) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class).hasMessageContaining("digest");
        }
        Files.write(cached(a), new byte[] {1, 2, 3});
        try (InputStream in = loaded.content().open()) {
            assertThatThrownBy(in::readAllBytes).hasMessageContaining("ended after 3");
        }
        assertThat(load(a)).as("a corrupt entry is fetched again").isEqualTo("folder");
    }

    @Test
    void a_source_that_lies_is_passed_over_and_leaves_nothing() throws Exception {
        for (byte[] lie : List.of(new byte[0], new byte[(int) a.size()], new byte[(int) a.size() + 1])) {
            store.addSource(new Fixed("liar", lie), Map.of("service.ranking", 10));
        }
        assertThat(load(a)).isEqualTo("folder");
        assertThat(files()).containsExactly(a.sha256() + ".jar");
    }

    @Test
    void sources_are_asked_by_rank_and_their_failures_are_told() throws Exception {
        store = store(1 << 20);
        store.addSource(new Fixed("low", new byte[1]), Map.of("service.ranking", -5));
        store.addSource(new Fixed("high", new byte[2]), Map.of("service.ranking", 5));
        assertThatThrownBy(() -> load(a))
                .hasMessageContaining("high: it ended after 2 of %d bytes; low: it ended after 1".formatted(a.size()))
                .extracting(e -> ((RepositoryException) e).kind())
                .isEqualTo(Kind.UNAVAILABLE);
        store = store(1 << 20);
        assertThatThrownBy(() -> load(a)).hasMessageContaining("no source is known");
    }

    @Test
    void a_bundle_under_another_name_or_without_its_publishers_signature_is_refused() throws Exception {
        var stolen = new BundleRef(
                "a",
                "1.0.0",
                b.sha256(),
                b.size(),
                b.location(),
                b.publisher(),
                b.signature(),
                b.licence(),
                b.chunks());
        assertThatThrownBy(() -> load(stolen)).hasMessageContaining("signature");
        var unsigned = new BundleRef(
                "a", "1.0.0", b.sha256(), b.size(), b.location(), java.util.Optional.empty(), "", "MIT", List.of());
        assertThatThrownBy(() -> load(unsigned)).hasMessageContaining("its manifest says b 1.0.0");
        assertThat(files()).isEmpty();
    }

    @Test
    void what_is_retained_stays_beyond_the_quota_and_the_oldest_of_the_rest_goes() throws Exception {
        store = store(250_000);
        store.addSource(new Folder("folder"), Map.of());
        store.retain("change", List.of(a.sha256(), b.sha256(), c.sha256()));
        for (BundleRef ref : List.of(a, b, c)) {
            load(ref);
        }
        assertThat(files()).as("all of one change").hasSize(3);
        Files.setLastModifiedTime(cached(b), FileTime.from(NOW.minusSeconds(60)));
        store.retain("change", List.of());
        assertThat(store.trim()).isEqualTo(b.size());
        assertThat(files()).containsExactlyInAnyOrder(a.sha256() + ".jar", c.sha256() + ".jar");
    }

    @Test
    void pinned_bundles_outlive_the_retention_time() throws Exception {
        load(a);
        load(b);
        store.pin(a.sha256(), true);
        for (BundleRef ref : List.of(a, b)) {
            Files.setLastModifiedTime(cached(ref), FileTime.from(NOW.minus(Duration.ofDays(31))));
        }
        store.trim();
        assertThat(store.contains(a.sha256())).isTrue();
        assertThat(store.contains(b.sha256())).isFalse();
        assertThat(store.contents()).singleElement().matches(cached -> cached.pinned());
        store.pin(a.sha256(), false);
        assertThat(store.trim()).isEqualTo(a.size());
    }

    @Test
    void what_a_crash_left_goes_at_the_next_start() throws Exception {
        load(a);
        Files.write(temp.resolve("cache/.atomic-left.tmp"), new byte[1000]);
        store(1 << 20);
        assertThat(files()).containsExactly(a.sha256() + ".jar");
    }

    @Test
    void an_interrupt_cancels_a_fetch_and_asks_no_other_source() throws Exception {
        var asked = new AtomicInteger();
        var second = new BundleSource() {
            @Override
            public String name() {
                return "second";
            }

            @Override
            public boolean mayHave(BundleRef bundle) {
                asked.incrementAndGet();
                return true;
            }

            @Override
            public InputStream open(BundleRef bundle) throws IOException {
                throw new IOException("not asked");
            }
        };
        store.addSource(second, Map.of("service.ranking", -10));
        try {
            assertThatThrownBy(
                            () -> store.load(a, bytes -> Thread.currentThread().interrupt()))
                    .hasMessageContaining("cancelled");
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(asked).hasValue(0);
        assertThat(files()).isEmpty();
    }

    @Test
    void only_a_digest_names_a_file() throws Exception {
        Files.write(temp.resolve("secret.jar"), new byte[1]);
        assertThat(store.open("../secret")).isEmpty();
        assertThat(store.open("0".repeat(64))).isEmpty();
        load(a);
        try (var channel = store.open(a.sha256()).orElseThrow()) {
            assertThat(channel.size()).isEqualTo(a.size());
        }
    }
}
