package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import network.mycelium.component.Change;
import network.mycelium.component.Change.Kind;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTest {
    @TempDir
    Path temp;

    private Workbench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new Workbench(temp)
                .publish(
                        TestBundle.component("a", "1.0.0").add("Import-Package", "lib"),
                        TestBundle.named("lib", "1.0.0").header("Export-Package", "lib"),
                        TestBundle.component("a", "2.0.0").add("Import-Package", "lib"),
                        TestBundle.component("b", "1.0.0").add("Import-Package", "lib"));
    }

    @AfterEach
    void stop() throws Exception {
        bench.close();
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(ComponentException.Kind kind, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ComponentException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void a_load_brings_the_newest_version_and_what_it_requires_first() throws Exception {
        Draft draft = bench.draft(Kind.LOAD, "a");
        assertThat(draft.plan().install()).containsExactly("lib 1.0.0", "a 2.0.0");
        assertThat(draft.plan().fetch()).containsExactlyInAnyOrder("lib 1.0.0", "a 2.0.0");
        assertThat(draft.plan().stop()).isEmpty();
        assertThat(draft.subject().orElseThrow().wishes()).containsExactly(Workbench.OPERATOR);
        assertThat(bench.installed.all()).isEmpty();
    }

    @Test
    void what_is_there_is_kept_and_what_is_loaded_changes_nothing() throws Exception {
        bench.load("a@1.0.0");
        Draft other = bench.draft(Kind.LOAD, "b");
        assertThat(other.plan().install()).containsExactly("b 1.0.0");
        assertThat(other.plan().keep()).containsExactly("lib 1.0.0");
        assertThat(bench.draft(Kind.LOAD, "a").plan().changesNoBundle()).isTrue();
    }

    @Test
    void an_unload_takes_what_nobody_else_needs() throws Exception {
        bench.load("a@1.0.0").load("b");
        assertThat(bench.draft(Kind.UNLOAD, "a").plan().stop()).containsExactly("a 1.0.0");
        bench.change(Kind.UNLOAD, "a");
        assertThat(bench.draft(Kind.UNLOAD, "b").plan().stop()).containsExactly("b 1.0.0", "lib 1.0.0");
    }

    @Test
    void what_others_hold_is_not_unloaded_without_force() throws Exception {
        bench.load("a@1.0.0");
        bench.changes.carryOut(
                bench.changes.draft(new Change(Kind.LOAD, "a", "somebody", false)), "somebody", Progress.NONE);
        assertRefused(ComponentException.Kind.HELD, () -> bench.draft(Kind.UNLOAD, "a"))
                .hasMessageContaining("somebody");
        assertThat(bench.force(Kind.UNLOAD, "a").plan().stop()).contains("a 1.0.0");
    }

    @Test
    void an_update_goes_to_the_newest_and_a_rollback_back() throws Exception {
        bench.load("a@1.0.0").change(Kind.UPDATE, "a");
        assertThat(bench.active()).containsExactly("a 2.0.0", "lib 1.0.0");
        assertThat(bench.component("a@2.0.0").previousVersion()).isEqualTo("1.0.0");
        assertThat(bench.draft(Kind.UPDATE, "a").plan().changesNoBundle()).isTrue();
        bench.change(Kind.ROLLBACK, "a");
        assertThat(bench.active()).containsExactly("a 1.0.0", "lib 1.0.0");
    }

    @Test
    void what_is_wrong_is_said() throws Exception {
        assertRefused(ComponentException.Kind.NOT_FOUND, () -> bench.draft(Kind.LOAD, "a@[1.2,"))
                .hasMessageContaining("NAME@RANGE");
        assertRefused(ComponentException.Kind.UNRESOLVABLE, () -> bench.draft(Kind.LOAD, "nowhere"))
                .hasMessageContaining("nowhere");
        assertRefused(ComponentException.Kind.NOT_FOUND, () -> bench.draft(Kind.UNLOAD, "a"))
                .hasMessageContaining("component list");
        bench.load("a@1.0.0");
        assertRefused(ComponentException.Kind.NOT_FOUND, () -> bench.draft(Kind.ROLLBACK, "a"))
                .hasMessageContaining("nothing to go back to");
        bench.load("a@2.0.0");
        assertRefused(ComponentException.Kind.NOT_FOUND, () -> bench.draft(Kind.UNLOAD, "a"))
                .hasMessageContaining("Several versions");
    }

    @Test
    void a_rejected_version_is_passed_over_and_only_force_brings_it_back() throws Exception {
        bench.load("a@1.0.0").change(Kind.UPDATE, "a");
        bench.changes.takeBack(bench.component("a@2.0.0"), "it fell", 5);
        assertThat(bench.active()).containsExactly("a 1.0.0", "lib 1.0.0");

        Draft update = bench.draft(Kind.UPDATE, "a");
        assertThat(update.plan().changesNoBundle()).isTrue();
        assertThat(update.plan().warnings()).singleElement().asString().contains("a@2.0.0", "it fell", "--force");
        assertRefused(ComponentException.Kind.REJECTED, () -> bench.draft(Kind.UPDATE, "a@2.0.0"))
                .hasMessageContaining("it fell");
        assertRefused(ComponentException.Kind.REJECTED, () -> bench.draft(Kind.LOAD, "a@2.0.0"))
                .hasMessageContaining("--force");
        assertRefused(ComponentException.Kind.NOT_FOUND, () -> bench.draft(Kind.ROLLBACK, "a"));

        bench.changes.carryOut(bench.force(Kind.UPDATE, "a@2.0.0"), Workbench.OPERATOR, Progress.NONE);
        assertThat(bench.active()).containsExactly("a 2.0.0", "lib 1.0.0");
        assertThat(bench.onDisk().rejected()).isEmpty();
    }

    @Test
    void other_components_and_versions_are_not_touched_by_a_rejection() throws Exception {
        bench.load("a@2.0.0");
        bench.changes.quarantine(bench.component("a@2.0.0"), "it fell", 5);
        assertThat(bench.draft(Kind.LOAD, "b").plan().install()).contains("b 1.0.0");
        assertThat(bench.draft(Kind.LOAD, "a").plan().version()).isEqualTo("1.0.0");
    }
}
