package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.component.ComponentEvent;
import network.mycelium.component.ComponentException;
import network.mycelium.component.Lease;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Its decisions, by a clock of the test and over components that are as the test says.
class SupervisorTest {
    private static final long DELAY = 200;

    @TempDir
    Path temp;

    private long now = 1_000_000;
    private int heapPercent;
    private final Ward ward = new Ward();
    private Supervisor supervisor;

    private final class Ward implements Supervisor.Ward {
        final Map<String, String> problems = new HashMap<>();
        final List<String> done = new ArrayList<>();
        final List<ComponentEvent> told = java.util.Collections.synchronizedList(new ArrayList<>());
        final Events events = new Events();
        Changes changes;
        boolean complete = true;
        boolean stopping;
        boolean heals;

        @Override
        public Changes changes() {
            return changes;
        }

        @Override
        public boolean isStopping() {
            return stopping;
        }

        @Override
        public boolean isComplete(ComponentRecord component) {
            return complete;
        }

        @Override
        public String problem(ComponentRecord component) {
            return problems.getOrDefault(component.key(), "");
        }

        @Override
        public void fetchMissing() {
            assertThat(changes.lock().isHeldByCurrentThread()).isFalse();
            done.add("fetch");
        }

        @Override
        public String restart(ComponentRecord component, Duration timeout) {
            done.add("restart " + component.key());
            if (heals) {
                problems.clear();
            }
            return problem(component);
        }

        @Override
        public void unload(ComponentRecord component, String cause) {
            done.add("unload " + component.key() + " by " + cause);
            heapPercent -= 20;
        }

        @Override
        public void giveUp(ComponentRecord component, String problem) throws ComponentException {
            done.add("give up " + component.key());
        }
    }

    private static ComponentRecord record(String name, String... wishes) {
        return new ComponentRecord(name, "1.0.0", name, List.of(name), List.of(wishes), false, false, "", List.of());
    }

    private void make(ComponentRecord... components) throws Exception {
        Map<String, ComponentRecord> all = new HashMap<>();
        Arrays.stream(components).forEach(c -> all.put(c.key(), c));
        var journal = Journal.open(temp.resolve("journal"));
        journal.append(new NodeSet(1, all, Map.of(), Map.of()));
        journal.close();
        ward.changes = new Changes(null, null, journal, new Runtimes(() -> now), ward.events);
        supervisor = new Supervisor(ward, TestConfig::defaults, () -> now, percent -> heapPercent > percent);
    }

    @BeforeEach
    void listen() {
        ward.events.add(ward.told::add);
    }

    @AfterEach
    void close() {
        ward.events.close();
    }

    private void lookAfter(long millis) throws InterruptedException {
        now += millis;
        supervisor.look();
    }

    @Test
    void what_runs_well_and_is_wanted_is_left_alone() throws Exception {
        make(record("a", "operator"));
        for (int i = 0; i < 100; i++) {
            lookAfter(10_000);
        }
        assertThat(ward.done).isEmpty();
    }

    @Test
    void a_failed_component_is_restarted_after_a_delay_that_doubles_and_then_given_up() throws Exception {
        make(record("a", "operator"));
        ward.problems.put("a@1.0.0", "it fell");
        lookAfter(0);
        assertThat(ward.done).isEmpty();
        lookAfter(DELAY - 1);
        assertThat(ward.done).isEmpty();
        for (int restart = 0; restart < 3; restart++) {
            lookAfter(restart == 0 ? 1 : DELAY << restart);
            lookAfter(0);
        }
        assertThat(ward.done)
                .filteredOn(d -> !d.equals("fetch"))
                .containsExactly("restart a@1.0.0", "restart a@1.0.0", "restart a@1.0.0");
        lookAfter(DELAY << 3);
        assertThat(ward.done).endsWith("give up a@1.0.0");
        await().untilAsserted(() -> assertThat(ward.told)
                .extracting(e -> e.type() + " " + e.detail())
                .containsExactly("FAILED it fell"));
    }

    @Test
    void what_heals_is_told_and_its_failures_are_forgotten_after_a_while() throws Exception {
        make(record("a", "operator"));
        ward.problems.put("a@1.0.0", "it fell");
        ward.heals = true;
        lookAfter(0);
        lookAfter(DELAY);
        await().untilAsserted(() ->
                assertThat(ward.told).extracting(e -> e.type().name()).containsExactly("FAILED", "RESTARTED"));
        assertThat(ward.changes.runtimes().of("a@1.0.0").restarts()).isEqualTo(1);
        lookAfter(10_000);
        lookAfter(60_001);
        assertThat(ward.changes.runtimes().of("a@1.0.0").restarts()).isZero();
    }

    /// A bundle that no source has now says nothing about the component.
    @Test
    void what_only_lacks_a_bundle_is_fetched_without_the_lock_and_never_given_up() throws Exception {
        make(record("a", "operator"));
        ward.problems.put("a@1.0.0", "lib is not installed");
        ward.complete = false;
        for (int i = 0; i < 50; i++) {
            lookAfter(61_000);
        }
        assertThat(ward.done).contains("fetch").doesNotContain("give up a@1.0.0");
        assertThat(ward.done.stream().filter(d -> d.startsWith("restart")).count())
                .isGreaterThan(10);
        ward.complete = true;
        ward.problems.clear();
        lookAfter(61_000);
        assertThat(ward.changes.runtimes().of("a@1.0.0").problem()).isEmpty();
    }

    @Test
    void nothing_is_a_failure_while_the_framework_stops() throws Exception {
        make(record("a", "operator"));
        ward.problems.put("a@1.0.0", "is not active");
        ward.stopping = true;
        lookAfter(0);
        lookAfter(10_000);
        assertThat(ward.told).isEmpty();
        assertThat(ward.done).isEmpty();
    }

    @Test
    void what_is_in_quarantine_is_left_there() throws Exception {
        make(record("a", "operator").inQuarantine());
        ward.problems.put("a@1.0.0", "it fell");
        lookAfter(0);
        lookAfter(100_000);
        assertThat(ward.done).isEmpty();
    }

    @Test
    void what_nobody_holds_goes_after_it_lingered() throws Exception {
        make(record("a"), record("b", "operator"));
        ward.changes.runtimes().of("a@1.0.0");
        lookAfter(59_999);
        assertThat(ward.done).isEmpty();
        lookAfter(1);
        assertThat(ward.done).containsExactly("unload a@1.0.0 by linger");
    }

    @Test
    void a_lease_keeps_a_component_and_its_end_begins_the_lingering() throws Exception {
        make(record("a"));
        var lease = new HeldByTest();
        ward.changes.runtimes().of("a@1.0.0").add(lease);
        lookAfter(1_000_000);
        assertThat(ward.done).isEmpty();
        ward.changes.runtimes().of("a@1.0.0").remove(lease);
        lookAfter(59_999);
        assertThat(ward.done).isEmpty();
        lookAfter(1);
        assertThat(ward.done).containsExactly("unload a@1.0.0 by linger");
    }

    private record HeldByTest() implements Lease {
        @Override
        public String component() {
            return "a";
        }

        @Override
        public String version() {
            return "1.0.0";
        }

        @Override
        public String holder() {
            return "test";
        }

        @Override
        public void close() {
            // The test removes it.
        }
    }

    @Test
    void when_the_heap_is_short_the_longest_unused_goes_first_until_there_is_room() throws Exception {
        make(record("old"), record("older"), record("held", "operator"), record("young"));
        for (String name : List.of("older", "old", "young")) {
            ward.changes.runtimes().of(name + "@1.0.0");
            now += 10;
        }
        heapPercent = 110;
        lookAfter(0);
        assertThat(ward.done).containsExactly("unload older@1.0.0 by memory", "unload old@1.0.0 by memory");
        ward.done.clear();
        lookAfter(0);
        assertThat(ward.done).isEmpty();
    }

    @Test
    void a_stopped_bundle_is_looked_at_before_the_next_interval() throws Exception {
        make(record("a", "operator"));
        lookAfter(0);
        ward.problems.put("a@1.0.0", "is not active");
        lookAfter(10);
        assertThat(ward.changes.runtimes().of("a@1.0.0").problem()).isEmpty();
        supervisor.bundleStopped();
        lookAfter(10);
        assertThat(ward.changes.runtimes().of("a@1.0.0").problem()).isEqualTo("is not active");
    }

    @Test
    void its_thread_goes_on_after_a_failure_and_ends_with_it() throws Exception {
        make(record("a", "operator"));
        ward.problems.put("a@1.0.0", "it fell");
        ward.heals = true;
        supervisor.start();
        try {
            supervisor.bundleStopped();
            await().until(() -> ward.changes.runtimes().of("a@1.0.0").problem().equals("it fell"));
            now += DELAY;
            supervisor.wake();
            await().until(() -> ward.done.contains("restart a@1.0.0"));
        } finally {
            supervisor.close();
        }
    }
}
