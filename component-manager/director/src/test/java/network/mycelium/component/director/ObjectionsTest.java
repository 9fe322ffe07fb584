package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Directive.Selector;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;

class ObjectionsTest {
    private final Offers offers = new Offers(
            new TreeMap<>(Map.of("weather", List.of("2.0.0", "1.0.0"), "base", List.of("1.0.0"))),
            Map.of("org.library", List.of("3.1.0")));
    private final List<Heard> living = List.of(
            Members.heard(Members.member(1, Access.FULL, List.of("sclerotium"), Map.of("zone", "a")), 0),
            Members.heard(
                    Members.member(2, Access.STANDARD, List.of("hypha"), Map.of("zone", "b")),
                    0,
                    Members.runs("weather", "1.0.0")));

    private List<String> to(String component, String versions, int count, Selector selector, String from) {
        Optional<Rollout> rollout =
                Optional.of(from).filter(f -> !f.isEmpty()).map(f -> new Rollout(f, 1, 25, 60, 0, false, List.of()));
        return Objections.to(
                new Directive(
                        component, versions, selector, count, 0, rollout, Instant.MAX, 0, Instant.EPOCH, List.of()),
                living,
                offers);
    }

    private List<String> to(String component, String versions, String from) {
        return to(component, versions, Directive.ALL, Selector.EVERY, from);
    }

    private String to(Selector selector) {
        List<String> all = to("weather", "", Directive.ALL, selector, "");
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    @Test
    void nothing_is_said_against_what_can_be_done() {
        assertThat(to("weather", "[1,3)", "")).isEmpty();
        assertThat(to("weather", "2.0.0", "1.0.0")).isEmpty();
        assertThat(to("org.library", "3.1.0", "")).isEmpty();
        assertThat(to("anything", "", 0, Selector.EVERY, "")).as("what ends").isEmpty();
    }

    @Test
    void a_component_or_version_that_no_index_lists_is_told_with_those_that_there_are() {
        assertThat(to("wether", "", "")).containsExactly("No index lists wether; there are: base, weather.");
        assertThat(to("weather", "1.1.0", ""))
                .containsExactly("No index lists weather@1.1.0; of weather there are: 1.0.0, 2.0.0.");
        assertThat(to("weather", "[3,4)", "")).hasSize(1);
    }

    @Test
    void versions_that_nobody_runs_are_told_with_those_that_run() {
        assertThat(to("weather", "2.0.0", "1.1.0"))
                .containsExactly("Nobody runs weather@1.1.0; there run: 1.0.0 on 1.");
        assertThat(to("base", "1.0.0", "0.9.0"))
                .singleElement()
                .satisfies(
                        text -> assertThat(text).startsWith("Nobody runs base").contains("without --from"));
    }

    @Test
    void a_selector_that_selects_nobody_is_told_with_what_there_is() {
        assertThat(to(new Selector(List.of("nosuchrole"), Map.of())))
                .endsWith("none has the role nosuchrole; there are: hypha, sclerotium.");
        assertThat(to(new Selector(List.of(), Map.of("zone", "c"))))
                .endsWith("none has the labels zone=c; there are: zone=a, zone=b.");
        assertThat(to(new Selector(List.of(), Map.of(), new Resources(99_999, 1))))
                .contains("none has 99999 MiB")
                .endsWith("there are: 1024 MiB with 2.");
        assertThat(to(new Selector(List.of("hypha"), Map.of("zone", "a")))).contains("nobody all of it");
    }
}
