package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import network.mycelium.component.Change.Kind;
import network.mycelium.component.ComponentEvent;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CareTest {
    private static final Duration SOON = Duration.ofSeconds(1);

    @TempDir
    Path temp;

    private Workbench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new Workbench(temp).publish(TestBundle.component("a", "1.0.0"), TestBundle.component("b", "1.0.0"));
        bench.load("a");
    }

    @AfterEach
    void stop() throws Exception {
        bench.close();
    }

    private String digest() {
        return bench.component("a@1.0.0").root();
    }

    @Test
    void a_component_that_runs_has_no_problem() {
        assertThat(bench.care.problem(bench.component("a@1.0.0"))).isEmpty();
        assertThat(bench.care.isComplete(bench.component("a@1.0.0"))).isTrue();
        assertThat(bench.care.isStopping()).isFalse();
    }

    @Test
    void what_stopped_is_started_and_what_is_gone_is_installed_again() throws Exception {
        bench.installed.all().get(digest()).stop();
        assertThat(bench.care.problem(bench.component("a@1.0.0"))).contains("is not active");
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).isEmpty();
        bench.installed.all().get(digest()).uninstall();
        assertThat(bench.care.problem(bench.component("a@1.0.0"))).isEqualTo("a 1.0.0 is not installed");
        assertThat(bench.care.isComplete(bench.component("a@1.0.0"))).isFalse();
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).isEmpty();
        assertThat(bench.active()).containsExactly("a 1.0.0");
    }

    @Test
    void what_all_runs_and_is_not_well_has_its_root_restarted() throws Exception {
        long before = bench.installed.all().get(digest()).getLastModified();
        List<Integer> states = new java.util.concurrent.CopyOnWriteArrayList<>();
        bench.context.addBundleListener(event -> states.add(event.getType()));
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).isEmpty();
        await().until(() -> states.contains(org.osgi.framework.BundleEvent.STOPPED)
                && states.contains(org.osgi.framework.BundleEvent.STARTED));
        assertThat(bench.installed.all().get(digest()).getLastModified()).isEqualTo(before);
    }

    @Test
    void a_slow_source_holds_up_nobody() throws Exception {
        bench.installed.all().get(digest()).uninstall();
        bench.store.cached.remove(digest());
        var slow = new CountDownLatch(1);
        bench.store.onTheWay = received -> {
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        bench.care.fetchMissing();
        bench.care.fetchMissing();
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).contains("not in the cache");
        slow.countDown();
        await().until(() -> bench.store.contains(digest()));
        assertThat(bench.store.loads).filteredOn(id -> id.equals("a 1.0.0")).hasSizeLessThanOrEqualTo(3);
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).isEmpty();
    }

    @Test
    void what_no_source_has_stays_missing_and_stops_nothing_else() throws Exception {
        bench.installed.all().get(digest()).uninstall();
        bench.store.cached.remove(digest());
        bench.store.failure = RepositoryException.Kind.UNAVAILABLE;
        bench.care.fetchAll();
        assertThat(bench.care.restart(bench.component("a@1.0.0"), SOON)).contains("a 1.0.0");
        bench.store.failure = null;
        bench.load("b");
        assertThat(bench.active()).containsExactly("b 1.0.0");
    }

    @Test
    void nothing_is_fetched_after_it_is_closed() {
        bench.installed.all();
        bench.care.close();
        int before = bench.store.loads.size();
        bench.store.cached.clear();
        bench.care.fetchMissing();
        assertThat(bench.store.loads).hasSize(before);
    }

    @Test
    void unloading_and_giving_up_are_told_with_their_cause() throws Exception {
        bench.load("b");
        bench.care.giveUp(bench.component("b@1.0.0"), "it fell");
        bench.changes.carryOut(
                bench.force(Kind.UNLOAD, "b"), "somebody", network.mycelium.component.ComponentManager.Progress.NONE);
        await().untilAsserted(() -> assertThat(bench.told)
                .filteredOn(e -> e.component().equals("b"))
                .extracting(ComponentEvent::type)
                .containsExactly(
                        ComponentEvent.Type.LOADED, ComponentEvent.Type.QUARANTINED, ComponentEvent.Type.UNLOADED));
        assertThat(bench.onDisk().rejected()).hasSize(1);
    }
}
