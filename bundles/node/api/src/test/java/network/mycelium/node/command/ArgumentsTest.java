package network.mycelium.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static Arguments of(Object... words) {
        return Arguments.parse(words, 0, 2, Set.of("--flag"), Set.of("--number"), InputStream.nullInputStream());
    }

    @Test
    void a_word_that_its_parser_refuses_is_a_usage_error() {
        assertThat(of("7").<Integer>word(0, Integer::valueOf)).isEqualTo(7);
        assertThatThrownBy(() -> of("x").word(0, Integer::valueOf)).isInstanceOf(UsageException.class);
    }

    @Test
    void options_words_and_their_numbers_are_checked() {
        assertThat(of("a", "--number", "5", "--flag").number("--number", 1)).isEqualTo(5);
        assertThatThrownBy(() -> of("a", "b", "c")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> of("a").word(1))
                .isInstanceOf(UsageException.class)
                .hasMessage("Something is missing.");
        assertThatThrownBy(() -> of("--other")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> of("--number")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> of("--number", "x").number("--number", 1)).isInstanceOf(UsageException.class);
    }
}
