package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutputTest {
    @Test
    void tables_are_aligned_and_json_is_escaped() {
        Table table = Table.of("name", "note").row("a", "x").row("longer", "tab\t\"quote\" \\ \u0001 é 😀");
        assertThat(table.text()).startsWith("NAME    NOTE\na       x\nlonger  ");
        assertThat(table.json())
                .isEqualTo(
                        "[{\"name\":\"a\",\"note\":\"x\"},{\"name\":\"longer\",\"note\":\"tab\\t\\\"quote\\\" \\\\ \\u0001 é 😀\"}]");
        assertThat(Table.single(Map.of("n", 1)).json()).isEqualTo("{\"n\":1}");
        assertThat(Table.of("a").json()).isEqualTo("[]");
        assertThat(Json.write("\ud800")).isEqualTo("\"\\ud800\"");
    }

    @Test
    void words_from_outside_are_never_run_as_code() {
        assertThat(CommandLines.of(List.of("component", "list", "--json"))).isEqualTo("component:list '--json'");
        assertThat(CommandLines.of(List.of("help", "network"))).isEqualTo("help 'network'");
        assertThat(CommandLines.of(List.of("component:load", "a'; node:stop; '$(x)")))
                .isEqualTo("component:load 'a\\'; node:stop; \\'$(x)'");
        assertThatThrownBy(() -> CommandLines.of(List.of("a;b", "c"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CommandLines.of(List.of("$x"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wrong_command_lines_say_how_it_is_written() {
        assertThatThrownBy(() -> Arguments.parse("u", new Object[] {"--x"}, 0, 1, Set.of(), Set.of()))
                .hasMessage("Unknown option --x.\nUsage: u");
        assertThatThrownBy(() -> Arguments.parse("u", new Object[] {"--v"}, 0, 1, Set.of(), Set.of("--v")))
                .hasMessageContaining("needs a value");
        assertThatThrownBy(() -> Arguments.parse("u", new Object[] {}, 1, 1, Set.of(), Set.of()))
                .hasMessageContaining("missing");
    }
}
