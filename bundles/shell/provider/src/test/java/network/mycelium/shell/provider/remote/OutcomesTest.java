package network.mycelium.shell.provider.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import network.mycelium.shell.Orders.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomesTest {
    private static final String ID = "0123456789abcdef";

    @TempDir
    Path temp;

    private Path folder;
    private Outcomes outcomes;

    @BeforeEach
    void open() {
        folder = temp.resolve("orders");
        outcomes = new Outcomes(folder);
    }

    private static String id(int number) {
        return String.format("%016x", number);
    }

    private static Outcome outcome(int exit) {
        return new Outcome(Instant.parse("2026-01-02T03:04:05Z"), exit, "what it wrote\nin lines");
    }

    @Test
    void an_outcome_is_kept_over_a_restart() throws Exception {
        assertThat(outcomes.get(ID)).isEmpty();
        assertThat(outcomes.begin(ID)).isEqualTo(1);
        assertThat(outcomes.begin(ID)).isEqualTo(2);
        assertThat(outcomes.isDone(ID)).isFalse();
        outcomes.put(ID, outcome(1));
        assertThat(new Outcomes(folder).get(ID)).contains(outcome(1));
        assertThat(new Outcomes(folder).isDone(ID)).isTrue();
    }

    @Test
    void an_outcome_is_kept_for_a_week_and_that_it_was_done_for_good() throws Exception {
        outcomes.put(ID, outcome(0));
        outcomes.prune(Instant.now().plus(Outcomes.KEPT).minusSeconds(60));
        assertThat(outcomes.get(ID)).isPresent();
        outcomes.prune(Instant.now().plus(Outcomes.KEPT).plusSeconds(60));
        assertThat(outcomes.get(ID)).isEmpty();
        assertThat(outcomes.isDone(ID)).isTrue();
        assertThat(new Outcomes(folder).isDone(ID)).isTrue();
    }

    @Test
    void so_many_outcomes_are_kept_and_no_more() throws Exception {
        for (int i = 0; i < Outcomes.MAX_KEPT + 5; i++) {
            outcomes.put(id(i), outcome(0));
        }
        outcomes.prune(Instant.now());
        try (var files = Files.list(folder)) {
            assertThat(files.filter(f -> OrderCodec.isId(f.getFileName().toString())))
                    .hasSize(Outcomes.MAX_KEPT);
        }
        for (int i = 0; i < Outcomes.MAX_KEPT + 5; i++) {
            assertThat(outcomes.isDone(id(i))).isTrue();
        }
    }

    @Test
    void the_list_of_what_was_done_is_bounded_and_survives_a_torn_line() throws Exception {
        Files.createDirectories(folder);
        var lines = new StringBuilder();
        for (int i = 0; i < Outcomes.MAX_DONE + Outcomes.MAX_DONE / 10; i++) {
            lines.append(id(i)).append('\n');
        }
        Files.writeString(folder.resolve("done"), lines);
        Files.writeString(folder.resolve("done"), "01234", StandardOpenOption.APPEND);
        outcomes.put(ID, outcome(0));
        var again = new Outcomes(folder);
        assertThat(again.isDone(ID)).isTrue();
        assertThat(again.isDone(id(Outcomes.MAX_DONE / 10 + 1))).isTrue();
        assertThat(again.isDone(id(0))).isFalse();
        assertThat(Files.readAllLines(folder.resolve("done")).stream().filter(OrderCodec::isId))
                .hasSize(Outcomes.MAX_DONE);
        again.put(id(1 << 30), outcome(0));
        assertThat(new Outcomes(folder).isDone(id(1 << 30))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x", "", "done", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef/x", "x"})
    void what_is_no_number_of_an_order_is_no_file(String id) {
        assertThatThrownBy(() -> outcomes.begin(id)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> outcomes.put(id, outcome(0))).isInstanceOf(IllegalArgumentException.class);
        assertThat(outcomes.get(id)).isEmpty();
        assertThat(temp.resolve("x.begun")).doesNotExist();
    }
}
