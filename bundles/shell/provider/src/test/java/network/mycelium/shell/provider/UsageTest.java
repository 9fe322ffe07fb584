package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsageTest {
    @Test
    void options_are_told_with_the_kind_of_their_values() {
        Usage usage = Usage.parse(
                "COMPONENT[@VERSIONS] [--on all|none|N] [--roles R,...] [--from VERSIONS [--canaries N]] [--force]");
        assertThat(usage.options().keySet()).containsExactly("--on", "--roles", "--from", "--canaries", "--force");
        assertThat(usage.options().get("--force")).isEmpty();
        assertThat(usage.options().get("--roles")).isEqualTo("R");
        assertThat(usage.options().get("--canaries")).isEqualTo("N");
        assertThat(usage.next(List.of()).kinds()).containsExactly("COMPONENT");
        assertThat(usage.next(List.of("x")).kinds()).isEmpty();
    }

    @Test
    void words_in_small_letters_stand_for_themselves() {
        Usage usage = Usage.parse("load|unload NAME[@VERSIONS]");
        assertThat(usage.next(List.of()).words()).containsExactlyInAnyOrder("load", "unload");
        assertThat(usage.next(List.of("load")).kinds()).containsExactly("NAME");
        assertThat(usage.next(List.of("other")).kinds()).isEmpty();
    }

    @Test
    void each_way_to_write_a_command_counts_as_far_as_the_words_before_fit() {
        Usage usage = Usage.parse("log | add NAME [PEER] | TICKET | --file FILE [--name NAME]; - is a PID");
        assertThat(usage.next(List.of()).words()).isEqualTo(Set.of("log", "add"));
        assertThat(usage.next(List.of()).kinds()).containsExactly("TICKET");
        assertThat(usage.next(List.of("add")).kinds()).containsExactly("NAME");
        assertThat(usage.next(List.of("add", "x")).kinds()).containsExactly("PEER");
        assertThat(usage.next(List.of("log")).kinds()).isEmpty();
        assertThat(usage.options().keySet()).containsExactly("--file", "--name");
    }

    @Test
    void the_last_word_may_be_repeated() {
        Usage usage = Usage.parse("[PID [KEY=VALUE...] [--value-file KEY=FILE]]");
        assertThat(usage.next(List.of()).kinds()).containsExactly("PID");
        assertThat(usage.next(List.of("x")).kinds()).containsExactly("KEY");
        assertThat(usage.next(List.of("x", "a=b", "c=d")).kinds()).containsExactly("KEY");
        assertThat(usage.options().get("--value-file")).isEqualTo("KEY");
    }

    @Test
    void a_command_without_words_takes_none() {
        for (String usage : List.of("", " ", "[]", "|", "[--flag]", "'", "--")) {
            assertThat(Usage.parse(usage).next(List.of()).words()).as(usage).isEmpty();
            assertThat(Usage.parse(usage).next(List.of("x")).kinds()).as(usage).isEmpty();
        }
    }
}
