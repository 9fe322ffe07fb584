package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import network.mycelium.node.command.TerminalText;
import org.junit.jupiter.api.Test;

class TerminalTextTest {
    private static String through(byte[] bytes, Random pieces) throws Exception {
        var out = new ByteArrayOutputStream();
        try (var stream = new TerminalStream(out)) {
            for (int at = 0; at < bytes.length; ) {
                int n = Math.min(bytes.length - at, 1 + pieces.nextInt(7));
                stream.write(bytes, at, n);
                at += n;
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void plain_text_of_any_language_passes() throws Exception {
        String text = "plain\ttext\n日本語 العربية é 😀 \ufffd\n";
        assertThat(TerminalText.block(text)).isSameAs(text);
        assertThat(through(text.getBytes(StandardCharsets.UTF_8), new Random(1)))
                .isEqualTo(text);
        assertThat(TerminalText.line("a\tb\nc")).isEqualTo("a\\u0009b\\u000ac");
    }

    @Test
    void what_steers_a_terminal_is_shown() {
        assertThat(TerminalText.block("\u001b]0;title\u0007\r\u009b1m\u007f\u202e\u2066\u200b\u2028"))
                .isEqualTo("\\u001b]0;title\\u0007\\u000d\\u009b1m\\u007f\\u202e\\u2066\\u200b\\u2028");
        assertThat(TerminalText.block("\ud800x")).isEqualTo("\\ud800x");
        // A tag character, outside of the basic plane.
        assertThat(TerminalText.block("\udb40\udc41")).isEqualTo("\\udb40\\udc41");
    }

    @Test
    void no_bytes_however_cut_bring_a_control_character_out() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            String out = through(bytes, random);
            assertThat(out.codePoints().filter(c -> c != '\n' && c != '\t'))
                    .as("seed %d, round %d", seed, i)
                    .noneMatch(Character::isISOControl)
                    .noneMatch(c -> Character.getType(c) == Character.FORMAT);
        }
    }
}
