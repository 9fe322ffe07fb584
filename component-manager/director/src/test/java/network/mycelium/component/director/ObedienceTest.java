package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.Directive;
import network.mycelium.component.director.Wanted.Mode;
import network.mycelium.repository.RepositoryIndex.Source;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;

class ObedienceTest {
    private final List<Source> indexes = new ArrayList<>();
    private final FakeManager manager = new FakeManager();
    private final List<String> failed = new ArrayList<>();
    private long now = 1;
    private final Obedience obedience = new Obedience(
            manager, () -> List.copyOf(indexes), (wanted, why) -> failed.add(wanted.spec() + ": " + why), () -> now);

    private static Wanted wanted(String component, String versions, Mode mode, long number) {
        return Wanted.by(Members.directive(component, versions, Directive.ALL, number, null), mode);
    }

    private static Wanted run(String component, String versions) {
        return wanted(component, versions, Mode.RUN, 1);
    }

    private void obey(Wanted... wanted) {
        obedience.obey(List.of(wanted), Set.of());
    }

    private Set<String> loaded() {
        return manager.loaded.keySet();
    }

    @Test
    void what_failed_waits_longer_each_time_and_is_tried_at_once_when_another_index_is_there() {
        obey(run("weather", ""));
        obey(run("weather", ""));
        assertThat(manager.asked).hasSize(1);
        assertThat(obedience.running())
                .singleElement()
                .satisfies(r -> assertThat(r.problem()).contains("no index lists weather"));
        now += TimeUnit.SECONDS.toNanos(1);
        obey(run("weather", ""));
        assertThat(manager.asked).hasSize(2);
        now += TimeUnit.SECONDS.toNanos(1);
        obey(run("weather", ""));
        assertThat(manager.asked).hasSize(2);

        indexes.add(new Source(URI.create("file:///repository/"), Optional.empty(), 1, 1, ""));
        manager.offer("weather", "1.0.0");
        obey(run("weather", ""));
        assertThat(manager.loaded.get("weather 1.0.0")).containsExactly("network directive 1");
        assertThat(obedience.running()).containsExactly(Members.runs("weather", "1.0.0"));
        assertThat(failed).as("what may still come is no failure").isEmpty();

        obey();
        assertThat(loaded()).isEmpty();
    }

    @Test
    void what_runs_stays_until_its_replacement_runs() {
        manager.offer("weather", "1.0.0");
        obey(run("weather", "1.0.0"));
        obey(run("weather", "2.0.0"));
        assertThat(loaded()).containsExactly("weather 1.0.0");
        manager.offer("weather", "2.0.0");
        manager.broken.add("weather 2.0.0");
        now += TimeUnit.MINUTES.toNanos(2);
        obey(run("weather", "2.0.0"));
        assertThat(loaded()).containsExactly("weather 1.0.0");
        assertThat(failed).containsExactly("weather@2.0.0: it does not start");
        manager.broken.clear();
        now += TimeUnit.MINUTES.toNanos(2);
        obey(run("weather", "2.0.0"));
        assertThat(loaded()).containsExactly("weather 2.0.0");
    }

    @Test
    void one_that_fails_however_it_fails_keeps_nothing_from_the_others() {
        manager.offer("alpha", "1.0.0");
        manager.offer("beta", "1.0.0");
        manager.explodesOn = "alpha";
        obey(run("alpha", ""), run("beta", ""));
        assertThat(loaded()).containsExactly("beta 1.0.0");
        assertThat(obedience.running())
                .anyMatch(r -> r.component().equals("alpha") && r.problem().contains("a fault of the manager"));
    }

    @Test
    void what_was_taken_back_is_not_updated_again_before_something_else_is_directed() throws Exception {
        manager.offer("weather", "1.0.0", "2.0.0");
        obey(run("weather", "1.0.0"));
        obey(wanted("weather", "2.0.0", Mode.RUN, 2));
        manager.replace("weather", new Version("1.0.0"));
        for (int i = 0; i < 5; i++) {
            now += TimeUnit.MINUTES.toNanos(5);
            obey(wanted("weather", "2.0.0", Mode.RUN, 2));
            assertThat(loaded()).containsExactly("weather 1.0.0");
        }
        assertThat(failed).singleElement().satisfies(why -> assertThat(why).contains("taken back to 1.0.0"));
        assertThat(obedience.running())
                .anyMatch(
                        r -> r.state().equals(NodeState.MISSING) && r.problem().contains("taken back"));
        obey(wanted("weather", "2.0.0", Mode.RUN, 3));
        assertThat(loaded()).containsExactly("weather 2.0.0");
    }

    @Test
    void what_is_kept_is_held_as_it_is_and_what_does_not_run_is_not_begun() throws Exception {
        manager.offer("weather", "1.0.0", "2.0.0");
        manager.replace("weather", new Version("1.0.0"));
        Wanted keep = wanted("weather", "2.0.0", Mode.KEEP, 1);
        obey(keep, wanted("other", "", Mode.KEEP, 1));
        assertThat(manager.loaded).containsEntry("weather 1.0.0", List.of("network directive 1"));
        obey(run("weather", "2.0.0"));
        assertThat(manager.loaded).containsOnlyKeys("weather 2.0.0");
    }

    @Test
    void what_is_elsewhere_is_unloaded_unless_somebody_holds_it() throws Exception {
        manager.offer("weather", "1.0.0");
        manager.offer("tuner", "1.0.0");
        manager.replace("weather", new Version("1.0.0"));
        manager.acquire("tuner", "operator");
        obedience.obey(List.of(), Set.of("weather", "tuner"));
        assertThat(loaded()).containsExactly("tuner 1.0.0");
    }

    @Test
    void what_runs_on_demand_is_held_by_nobody_and_follows_the_versions() throws Exception {
        manager.offer("weather", "1.0.0", "2.0.0");
        obey(wanted("weather", "1.0.0", Mode.ON_DEMAND, 1));
        assertThat(loaded()).isEmpty();
        manager.acquire("weather@1.0.0", "operator");
        obey(wanted("weather", "2.0.0", Mode.ON_DEMAND, 2));
        assertThat(manager.loaded).containsEntry("weather 2.0.0", List.of("operator"));
    }
}
