package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.util.Set;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.UsageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentNameTest {
    private static Arguments of(String word) {
        return Arguments.parse(new Object[] {word}, 1, 1, Set.of(), Set.of(), InputStream.nullInputStream());
    }

    @ParameterizedTest
    @ValueSource(strings = {"greeter", "greeter@1.2.0", "greeter@[1,2)", "greeter@(1.0.0.x,2]", "a.b-c_9@0"})
    void a_component_is_a_name_with_versions_or_without(String text) {
        assertThat(ComponentName.at(of(text), 0)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "@1", "greeter@[1", "greeter@[1,", "greeter@1.x", "greeter@[2,1]x", "a/b@1"})
    void what_names_no_component_is_a_usage_error_that_says_so(String text) {
        assertThatThrownBy(() -> ComponentName.at(of(text), 0))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("\"" + text + "\" names no component")
                .hasMessageContaining("NAME@[1.2,2)");
    }
}
