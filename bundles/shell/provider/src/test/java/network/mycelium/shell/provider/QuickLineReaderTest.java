package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jline.reader.LineReader;
import org.jline.reader.Reference;
import org.jline.reader.impl.LineReaderImpl;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuickLineReaderTest {
    private static Terminal terminal(String keys) throws IOException {
        var terminal = new ExternalTerminal(
                "test",
                "xterm",
                new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)),
                OutputStream.nullOutputStream(),
                StandardCharsets.UTF_8);
        terminal.setSize(Size.of(80, 24));
        return terminal;
    }

    private static QuickLineReader reader(Terminal terminal) {
        return new QuickLineReader(terminal, "test", Map.of(), new DefaultHistory());
    }

    /// Those that are there at once, and the others.
    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "'ab\u007fc', ac",
        "'ab\u0001c', cab",
        "'ab\u0002c', acb",
        "'ab\u0001\u0006c', acb",
        "'ab\u0001c\u0005d', cabd",
        "'ab\u001bODc', acb",
        "'ab\u001b[200~c\u001b[201~', abc",
        "'ab\u0002\u000bc', ac",
        "'a b\u0017c', 'a c'",
        "'ab\u0015\u0019c', abc",
        "'ab\u0014', ba"
    })
    void keys_do_what_they_do_in_jline(String keys, String line) throws Exception {
        try (Terminal ours = terminal(keys + "\r");
                Terminal theirs = terminal(keys + "\r")) {
            assertThat(reader(ours).readLine("> "))
                    .isEqualTo(line)
                    .isEqualTo(new LineReaderImpl(theirs, "test", Map.of()).readLine("> "));
        }
    }

    @Test
    void lines_before_come_back() throws Exception {
        try (Terminal terminal = terminal("one\rtwo\r\u001bOA\u001bOA\u001bOB\r\u0012on\r")) {
            QuickLineReader reader = reader(terminal);
            assertThat(reader.readLine("> ")).isEqualTo("one");
            assertThat(reader.readLine("> ")).isEqualTo("two");
            assertThat(reader.readLine("> ")).isEqualTo("two");
            assertThat(reader.readLine("> ")).isEqualTo("one");
        }
    }

    @Test
    void every_widget_of_jline_is_there_when_it_is_wanted() throws Exception {
        try (Terminal terminal = terminal("")) {
            var all = new LineReaderImpl(terminal, "test", Map.of()).getBuiltinWidgets();
            QuickLineReader reader = reader(terminal);
            int few = reader.builtinWidgets().size();
            assertThat(all.keySet()).containsAll(reader.builtinWidgets().keySet());
            assertThat(reader.getWidget(new Reference(LineReader.SELF_INSERT))).isNotNull();
            assertThat(few).isLessThan(20);
            assertThat(reader.getWidget(new Reference(LineReader.YANK_POP)).toString())
                    .contains("yank-pop");
            assertThat(reader.getBuiltinWidgets().keySet()).isEqualTo(all.keySet());
            assertThat(reader.getWidgets().keySet()).isEqualTo(all.keySet());
        }
    }
}
