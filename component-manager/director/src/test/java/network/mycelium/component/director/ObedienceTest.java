package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Directive;
import network.mycelium.component.Lease;
import network.mycelium.component.Plan;
import network.mycelium.repository.RepositoryIndex.Source;
import org.junit.jupiter.api.Test;

class ObedienceTest {
    private static final Directive WEATHER = new Directive(
            "weather", "", Directive.Selector.EVERY, Directive.ALL, 0, Optional.empty(), Instant.MAX, 1, List.of());

    /// Knows a component as soon as an index lists it.
    private final class Manager implements ComponentManager {
        private int asked;
        private int held;

        @Override
        public Lease acquire(String spec, String holder) throws ComponentException {
            asked++;
            if (indexes.isEmpty()) {
                throw new ComponentException(ComponentException.Kind.NOT_FOUND, "no index lists " + spec);
            }
            held++;
            return new Lease() {
                @Override
                public String component() {
                    return spec;
                }

                @Override
                public String version() {
                    return "1.0.0";
                }

                @Override
                public String holder() {
                    return holder;
                }

                @Override
                public void close() {
                    held--;
                }
            };
        }

        @Override
        public Plan plan(Change change) {
            throw new AssertionError("nothing is loaded, and " + change + " is planned");
        }

        @Override
        public void run(Plan plan, Progress progress) {
            throw new AssertionError("nothing is loaded, and " + plan + " is run");
        }

        @Override
        public List<ComponentStatus> components() {
            return List.of();
        }

        @Override
        public void pin(String component, boolean pinned) {
            throw new AssertionError("nothing is loaded, and " + component + " is pinned");
        }
    }

    private final List<Source> indexes = new ArrayList<>();
    private final Manager manager = new Manager();
    private final Obedience obedience = new Obedience(manager, () -> List.copyOf(indexes), (directive, why) -> {});

    private void obey() {
        obedience.obey(List.of(WEATHER), Set.of());
    }

    @Test
    void what_failed_waits_and_is_tried_at_once_when_another_index_is_there() {
        obey();
        obey();
        assertThat(manager.asked).isEqualTo(1);
        assertThat(obedience.running(List.of(WEATHER)))
                .singleElement()
                .satisfies(r -> assertThat(r.problem()).contains("no index lists weather"));

        indexes.add(new Source(URI.create("file:///repository/"), Optional.empty(), 1, 1, ""));
        obey();
        assertThat(manager.held).isEqualTo(1);
        assertThat(obedience.running(List.of(WEATHER))).isEmpty();

        obedience.obey(List.of(), Set.of());
        assertThat(manager.held).isZero();
    }
}
