package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"a | b", "a; b", "a &", "x = $(b)", "echo \"$x\"", "{ a }", "a > b", "a < b", "$x", "a 'b';c"})
    void a_line_with_the_characters_of_gogo_is_a_script(String line) {
        assertThat(Lines.isScript(line)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"component load a@[1,2)", "x it's", "x 'a;b|$c'", "x \"a;b\"", "x a#b \\n k=v", ""})
    void any_other_line_is_words(String line) {
        assertThat(Lines.isScript(line)).isFalse();
    }
}
