package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.component.Change.Kind;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeRunnerTest {
    @TempDir
    Path temp;

    private Workbench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new Workbench(temp);
    }

    @AfterEach
    void stop() throws Exception {
        bench.close();
    }

    /// Kills the node and boots it with what is on disk.
    private void reboot() throws Exception {
        var cached = List.copyOf(bench.store.cached);
        bench.close();
        bench = new Workbench(temp);
        bench.store.cached.addAll(cached);
        assertThat(bench.runner.restore(bench.changes.set(), Duration.ofSeconds(1)))
                .isEmpty();
    }

    /// A uses a package of B if it is there: not wired when B comes after it, and wired after a restart.
    @Test
    void what_was_wired_by_a_restart_stays_known_when_its_component_goes() throws Exception {
        bench.publish(
                TestBundle.component("a", "1.0.0").add("Import-Package", "b;resolution:=optional"),
                TestBundle.component("b", "1.0.0").header("Export-Package", "b"));
        bench.load("a").load("b");
        reboot();
        bench.change(Kind.UNLOAD, "b");
        assertThat(bench.active()).containsExactly("a 1.0.0", "b 1.0.0");
        assertThat(bench.component("a@1.0.0").bundles()).hasSize(2);
        assertThat(bench.onDisk().bundles().keySet())
                .containsAll(bench.component("a@1.0.0").bundles());
        assertThat(bench.onDisk().bundles().values()).extracting(BundleRef::id).contains("b 1.0.0");
        reboot();
        assertThat(bench.active()).containsExactly("a 1.0.0", "b 1.0.0");
    }

    @Test
    void a_set_with_a_bundle_that_it_does_not_describe_is_restored_but_for_that() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"), TestBundle.component("b", "1.0.0"));
        bench.load("a").load("b");
        Map<String, BundleRef> fewer = new HashMap<>(bench.changes.set().bundles());
        fewer.remove(bench.component("a@1.0.0").root());
        var damaged = new NodeSet(9, bench.changes.set().components(), fewer, Map.of());
        bench.journal.append(damaged);
        bench.close();
        var cached = List.copyOf(bench.store.cached);
        bench = new Workbench(temp);
        bench.store.cached.addAll(cached);

        assertThat(bench.runner.restore(bench.changes.set(), Duration.ofSeconds(1)))
                .singleElement()
                .asString()
                .contains("the unknown bundle", "load the component that needs it anew");
        assertThat(bench.active()).containsExactly("b 1.0.0");
        assertThat(bench.care.problem(bench.component("a@1.0.0"))).contains("is not installed");
        assertThat(bench.draft(Kind.LOAD, "a").plan().keep())
                .singleElement()
                .asString()
                .contains("unknown");
        // And it can be mended.
        bench.changes.carryOut(bench.force(Kind.UNLOAD, "a"), Workbench.OPERATOR, Progress.NONE);
        bench.load("a");
        assertThat(bench.active()).containsExactly("a 1.0.0", "b 1.0.0");
    }

    @Test
    void what_cannot_be_had_now_stays_in_the_set_through_other_changes() throws Exception {
        bench.publish(
                TestBundle.component("a", "1.0.0").add("Import-Package", "lib"),
                TestBundle.named("lib", "1.0.0").header("Export-Package", "lib"),
                TestBundle.component("b", "1.0.0"),
                TestBundle.component("c", "1.0.0"));
        bench.load("a").load("b");
        String lib = bench.ref("lib", "1.0.0").sha256();
        bench.close();
        bench = new Workbench(temp);
        bench.store.cached.addAll(bench.store.source.keySet());
        bench.store.cached.remove(lib);
        assertThat(bench.runner.restore(bench.changes.set(), Duration.ofSeconds(1)))
                .anyMatch(problem -> problem.contains("lib 1.0.0") && problem.contains("not in the cache"));
        assertThat(bench.store.loads).doesNotContain("lib 1.0.0");

        bench.load("c").change(Kind.UNLOAD, "b");
        assertThat(bench.component("a@1.0.0").bundles()).contains(lib);
        bench.care.fetchAll();
        assertThat(bench.runner.restore(bench.changes.set(), Duration.ofSeconds(1)))
                .isEmpty();
        assertThat(bench.care.restart(bench.component("a@1.0.0"), Duration.ofSeconds(1)))
                .isEmpty();
        assertThat(bench.active()).containsExactly("a 1.0.0", "c 1.0.0", "lib 1.0.0");
    }

    @Test
    void a_bundle_that_does_not_start_is_taken_back_with_all_that_came_with_it() throws Exception {
        bench.publish(
                TestBundle.component("a", "1.0.0").add("Import-Package", "lib").activator(Activators.Fails.class),
                TestBundle.named("lib", "1.0.0").header("Export-Package", "lib"));
        assertThatThrownBy(() -> bench.load("a"))
                .isInstanceOf(ComponentException.class)
                .hasMessageContaining("did not start")
                .hasMessageContaining("no disk");
        assertThat(bench.installed.all()).isEmpty();
        assertThat(bench.onDisk()).isEqualTo(NodeSet.EMPTY);
    }

    @Test
    void an_error_that_nobody_expects_is_taken_back_too() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0").activator(Activators.FailsWithError.class));
        assertThatThrownBy(() -> bench.load("a")).isInstanceOf(ComponentException.class);
        assertThat(bench.installed.all()).isEmpty();
        bench.publish(TestBundle.component("b", "1.0.0"));
        assertThatThrownBy(() -> bench.changes.carryOut(bench.draft(Kind.LOAD, "b"), Workbench.OPERATOR, text -> {
                    if (text.startsWith("starting")) {
                        throw new IllegalStateException("the terminal is gone");
                    }
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(bench.installed.all()).isEmpty();
        bench.load("b");
        assertThat(bench.active()).containsExactly("b 1.0.0");
    }

    @Test
    void what_the_journal_has_no_room_for_is_undone_and_said() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0").header("Bundle-License", "x".repeat(70_000)));
        assertThatThrownBy(() -> bench.load("a"))
                .isInstanceOfSatisfying(
                        ComponentException.class, e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.STORAGE))
                .hasMessageContaining("65,535");
        assertThat(bench.installed.all()).isEmpty();
        assertThat(bench.onDisk()).isEqualTo(NodeSet.EMPTY);
        bench.publish(TestBundle.component("b", "1.0.0")).load("b");
        assertThat(bench.active()).containsExactly("b 1.0.0");
    }

    @Test
    void what_does_not_register_what_it_declares_is_removed_again() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0").offers("java.lang.Runnable"));
        assertThatThrownBy(() -> bench.load("a"))
                .isInstanceOfSatisfying(
                        ComponentException.class,
                        e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.NOT_READY))
                .hasMessageContaining("java.lang.Runnable");
        assertThat(bench.installed.all()).isEmpty();
    }

    @Test
    void a_failed_update_leaves_the_old_version_and_a_good_one_replaces_it() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0")).load("a");
        bench.publish(TestBundle.component("a", "2.0.0").activator(Activators.Fails.class));
        assertThatThrownBy(() -> bench.change(Kind.UPDATE, "a")).isInstanceOf(ComponentException.class);
        assertThat(bench.active()).containsExactly("a 1.0.0");
        bench.publish(TestBundle.component("a", "3.0.0")).change(Kind.UPDATE, "a");
        assertThat(bench.active()).containsExactly("a 3.0.0");
        assertThat(bench.onDisk().components()).containsOnlyKeys("a@3.0.0");
    }

    @Test
    void a_source_that_fails_changes_nothing_and_says_which_kind_of_failure_it_was() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"));
        Map<RepositoryException.Kind, ComponentException.Kind> kinds = Map.of(
                RepositoryException.Kind.INVALID, ComponentException.Kind.REFUSED,
                RepositoryException.Kind.UNTRUSTED, ComponentException.Kind.REFUSED,
                RepositoryException.Kind.STORAGE, ComponentException.Kind.STORAGE,
                RepositoryException.Kind.UNAVAILABLE, ComponentException.Kind.UNAVAILABLE);
        kinds.forEach((failure, kind) -> {
            bench.store.failure = failure;
            assertThatThrownBy(() -> bench.load("a"))
                    .isInstanceOfSatisfying(
                            ComponentException.class, e -> assertThat(e.kind()).isEqualTo(kind));
        });
        assertThat(bench.installed.all()).isEmpty();
    }

    @Test
    void nothing_changes_while_the_journal_refuses() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"), TestBundle.component("b", "1.0.0"))
                .load("a");
        bench.close();
        Path journal = temp.resolve("state/components.journal");
        byte[] other = "MYCSETS9 something of another time".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Files.write(journal, other);
        bench = new Workbench(temp);
        assertThat(bench.changes.set()).isEqualTo(NodeSet.EMPTY);
        assertThatThrownBy(() -> bench.load("b"))
                .isInstanceOfSatisfying(
                        ComponentException.class, e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.STORAGE))
                .hasMessageContaining("format that this version does not know");
        assertThat(bench.installed.all()).isEmpty();
        assertThat(Files.readAllBytes(journal)).isEqualTo(other);
    }

    @Test
    void whoever_forces_a_rejected_version_in_has_it_judged_anew() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0")).load("a");
        bench.changes.quarantine(bench.component("a@1.0.0"), "it fell", 7);
        assertThat(bench.active()).isEmpty();
        assertThat(bench.onDisk().rejected()).hasSize(1);
        assertThatThrownBy(() -> bench.load("a"))
                .isInstanceOfSatisfying(
                        ComponentException.class,
                        e -> assertThat(e.kind()).isEqualTo(ComponentException.Kind.REJECTED));
        bench.changes.carryOut(bench.force(Kind.LOAD, "a"), Workbench.OPERATOR, Progress.NONE);
        assertThat(bench.active()).containsExactly("a 1.0.0");
        assertThat(bench.onDisk().rejected()).isEmpty();
    }

    /// Two versions that both fail after they started went back and forth for ever.
    @Test
    void two_versions_that_fail_are_given_up_one_after_the_other_and_across_restarts() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"), TestBundle.component("a", "2.0.0"));
        bench.load("a@1.0.0").change(Kind.UPDATE, "a");
        bench.care.giveUp(bench.component("a@2.0.0"), "2 fell");
        assertThat(bench.active()).containsExactly("a 1.0.0");
        assertThat(bench.component("a@1.0.0").previousVersion()).isEmpty();
        reboot();
        assertThat(bench.onDisk().rejected().values())
                .extracting(NodeSet.Rejected::problem)
                .containsExactly("2 fell");
        bench.care.giveUp(bench.component("a@1.0.0"), "1 fell");
        assertThat(bench.active()).isEmpty();
        assertThat(bench.component("a@1.0.0").quarantined()).isTrue();
        assertThat(bench.onDisk().rejected().values())
                .extracting(NodeSet.Rejected::problem)
                .containsExactlyInAnyOrder("1 fell", "2 fell");
        reboot();
        assertThat(bench.active()).isEmpty();
    }

    @Test
    void where_there_is_no_way_back_it_is_quarantined() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"), TestBundle.component("a", "2.0.0"));
        bench.load("a@1.0.0").change(Kind.UPDATE, "a");
        bench.store.cached.remove(bench.ref("a", "1.0.0").sha256());
        bench.store.failure = RepositoryException.Kind.UNAVAILABLE;
        bench.care.giveUp(bench.component("a@2.0.0"), "2 fell");
        assertThat(bench.component("a@2.0.0").quarantined()).isTrue();
        assertThat(bench.active()).isEmpty();
    }

    @Test
    void progress_tells_what_is_done() throws Exception {
        bench.publish(TestBundle.component("a", "1.0.0"));
        List<String> told = new ArrayList<>();
        Draft draft = bench.draft(Kind.LOAD, "a");
        bench.fetcher.fetchMissing(draft.install(), told::add);
        bench.changes.carryOut(draft, Workbench.OPERATOR, told::add);
        assertThat(told).element(0).asString().startsWith("fetching a 1.0.0");
        assertThat(told).contains("verified a 1.0.0 from source", "installing a 1.0.0", "starting a 1.0.0");
    }
}
