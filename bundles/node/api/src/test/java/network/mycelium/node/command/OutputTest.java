package network.mycelium.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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
    void what_is_missing_is_null_and_what_people_read_otherwise_is_data() {
        Instant time = Instant.parse("2026-11-24T10:00:00Z");
        Table table = Table.of("since", "least", "until")
                .row(Optional.of(time), new Shown("5 MiB", Map.of("MiB", 5)), Optional.empty());
        assertThat(table.json())
                .isEqualTo("[{\"since\":\"2026-11-24T10:00:00Z\",\"least\":{\"MiB\":5},\"until\":null}]");
        assertThat(table.text()).contains("2026-11-24T10:00:00Z  5 MiB  -");
        assertThat(Table.single(Map.of("last", Optional.empty())).text()).isEqualTo("last  -");
    }
}
