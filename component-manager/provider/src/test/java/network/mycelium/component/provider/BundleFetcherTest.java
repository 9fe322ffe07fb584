package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.repository.BundleRef;
import org.junit.jupiter.api.Test;

class BundleFetcherTest {
    private final MemoryStore store = new MemoryStore();
    private final BundleFetcher fetcher = new BundleFetcher(store, () -> Duration.ofSeconds(5));

    private BundleRef ref(String name, int size) {
        store.source.put(name, new byte[size]);
        return new BundleRef(
                name, "1.0.0", name, size, URI.create("file:///x"), Optional.empty(), "", "MIT", List.of());
    }

    @Test
    void what_is_missing_is_fetched_once_and_what_is_cached_not_at_all() throws Exception {
        List<BundleRef> refs = List.of(ref("a", 10), ref("b", 10));
        assertThat(fetcher.isMissing(refs)).isTrue();
        fetcher.fetchMissing(refs, Progress.NONE);
        fetcher.fetchMissing(refs, Progress.NONE);
        assertThat(store.loads).containsExactly("a 1.0.0", "b 1.0.0");
        assertThat(fetcher.isMissing(refs)).isFalse();
        assertThat(fetcher.loadAll(refs, Progress.NONE)).containsOnlyKeys("a", "b");
    }

    @Test
    void bundles_that_changes_wait_for_are_kept_until_the_last_of_them_is_done() {
        BundleRef shared = ref("shared", 1);
        var first = fetcher.hold(List.of(ref("a", 1), shared));
        var second = fetcher.hold(List.of(shared));
        assertThat(store.retained.get("changes")).containsExactlyInAnyOrder("a", "shared", "shared");
        first.close();
        assertThat(store.retained.get("changes")).containsExactly("shared");
        second.close();
        assertThat(store.retained.get("changes")).isEmpty();
    }

    @Test
    void a_bundle_that_comes_too_slowly_is_given_up() {
        var hasty = new BundleFetcher(store, () -> Duration.ZERO);
        assertThatThrownBy(() -> hasty.fetchMissing(List.of(ref("a", 100)), Progress.NONE))
                .isInstanceOfSatisfying(
                        ComponentException.class,
                        e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.UNAVAILABLE))
                .hasMessageContaining("50 of 100 bytes")
                .hasMessageContaining("fetch.timeout.millis");
    }

    @Test
    void whoever_is_interrupted_stops_fetching() {
        store.onTheWay = received -> Thread.currentThread().interrupt();
        assertThatThrownBy(() -> fetcher.fetchMissing(List.of(ref("a", 100)), Progress.NONE))
                .isInstanceOf(ComponentException.class)
                .hasMessageContaining("cancelled after 50 of 100 bytes");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.cached).isEmpty();
    }

    @Test
    void a_long_transfer_tells_how_far_it_is() throws Exception {
        List<String> told = new ArrayList<>();
        fetcher.fetchMissing(List.of(ref("a", 4 << 20)), told::add);
        assertThat(told).anyMatch(text -> text.contains("50 %")).anyMatch(text -> text.contains("100 %"));
    }
}
