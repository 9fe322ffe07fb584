package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
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
    void what_is_in_a_cell_looks_like_nothing_else() {
        Table table = Table.of("name", "note").row("\u001b[31mred\u202e", "two\nlines\tand a tab");
        assertThat(table.text())
                .isEqualTo("NAME                 NOTE\n\\u001b[31mred\\u202e  two lines\\u0009and a tab");
        assertThat(Table.single(Map.of("name", "x\naccess  full", "n", 1))
                        .text()
                        .lines())
                .noneMatch(line -> line.startsWith("access"));
    }

    @Test
    void wrong_command_lines_say_how_it_is_written() {
        assertThatThrownBy(() -> Arguments.parse(
                        "u", new Object[] {"--x"}, 0, 1, Set.of(), Set.of(), InputStream.nullInputStream()))
                .hasMessage("Unknown option --x.\nUsage: u");
        assertThatThrownBy(() -> Arguments.parse(
                        "u", new Object[] {"--v"}, 0, 1, Set.of(), Set.of("--v"), InputStream.nullInputStream()))
                .hasMessageContaining("needs a value");
        assertThatThrownBy(() ->
                        Arguments.parse("u", new Object[] {}, 1, 1, Set.of(), Set.of(), InputStream.nullInputStream()))
                .hasMessageContaining("missing");
    }
}
