package network.mycelium.shell.provider.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SettingsFileTest {
    private static final String TEXT = """
            # Where to listen.
            listen = /ip4/127.0.0.1/tcp/0

            what is this
            url=jdbc:x?a=b # no comment
            = 5
            name = "  wide  "
            """;

    private static SettingsFile file(String text) {
        return SettingsFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(SettingsFile file) {
        return new String(file.bytes(), StandardCharsets.UTF_8);
    }

    private static Map<String, String> values(SettingsFile file) {
        Map<String, String> values = new HashMap<>();
        file.entries().forEach(e -> values.put(e.key(), e.value()));
        return values;
    }

    @Test
    void a_line_is_a_key_and_a_value_and_wrong_lines_stop_no_other() {
        assertThat(file(TEXT).entries())
                .containsExactly(
                        new SettingsFile.Entry(2, "listen", "/ip4/127.0.0.1/tcp/0"),
                        new SettingsFile.Entry(5, "url", "jdbc:x?a=b # no comment"),
                        new SettingsFile.Entry(7, "name", "  wide  "));
        assertThat(file(TEXT).mistakes())
                .containsExactly(
                        new SettingsFile.Mistake(4, "it has no =; a setting is written key = value"),
                        new SettingsFile.Mistake(6, "no key stands before the ="));
    }

    @Test
    void a_change_keeps_comments_order_and_wrong_lines() {
        assertThat(text(file(TEXT).with("listen", "a").with("new", " b").without("url")))
                .isEqualTo(TEXT.replace("/ip4/127.0.0.1/tcp/0", "a").replace("url=jdbc:x?a=b # no comment\n", "")
                        + "new = \" b\"\n");
        assertThat(text(file("a=1"))).isEqualTo("a=1\n");
        assertThat(text(file("a   =   1\r\nb=2\r\n")
                        .with("a", "1")
                        .with("b", "3")
                        .with("c", "4")))
                .isEqualTo("a   =   1\r\nb = 3\r\nc = 4\r\n");
    }

    @Test
    void of_two_lines_for_a_key_the_last_holds_and_the_first_is_told() {
        SettingsFile file = file("a=1\nb=2\nA=3\na=4\n");
        assertThat(file.mistakes())
                .containsExactly(
                        new SettingsFile.Mistake(1, "A is set again in line 3, which holds"),
                        new SettingsFile.Mistake(3, "a is set again in line 4, which holds"));
        assertThat(text(file.with("a", "5"))).isEqualTo("a=1\nb=2\nA=3\na = 5\n");
        assertThat(text(file.without("a"))).isEqualTo("b=2\nA=3\n");
    }

    @Test
    void bytes_that_are_no_text_are_told_and_kept() {
        byte[] bytes = "a=1\nb=\u00ff\nc=3\n".getBytes(StandardCharsets.ISO_8859_1);
        SettingsFile file = SettingsFile.parse(bytes);
        assertThat(file.mistakes()).containsExactly(new SettingsFile.Mistake(2, "it is not text in UTF-8"));
        assertThat(values(file)).isEqualTo(Map.of("a", "1", "c", "3"));
        assertThat(file.bytes()).isEqualTo(bytes);
        assertThat(values(file("\uFEFFa=1"))).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void what_cannot_stand_in_a_line_is_refused() {
        for (String key : new String[] {"", " a", "#a", "a=b", "a\nb"}) {
            assertThatThrownBy(() -> file("").with(key, "x")).hasMessageContaining("cannot be called");
        }
        assertThatThrownBy(() -> file("").with("a", "x\ny")).hasMessageContaining("must be one line");
        assertThatThrownBy(() -> file("").with("a", "\ud800")).hasMessageContaining("must be one line");
    }

    @Test
    void any_value_is_read_as_it_was_written() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            String value = random.ints(random.nextInt(12), 0, 7)
                    .mapToObj(n -> " |\"|=|#|a|\u00e4|\ud83c\udf44".split("\\|")[n])
                    .reduce("", String::concat);
            SettingsFile read =
                    SettingsFile.parse(file("# c\nk=old\n").with("k", value).bytes());
            assertThat(values(read)).as("seed %d", seed).isEqualTo(Map.of("k", value));
        }
    }

    @Test
    void any_bytes_are_read_and_a_change_touches_no_other_line() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "ab=#\"\n\r \u0000\u00ff\u00c3";
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = random.ints(random.nextInt(60), 0, alphabet.length())
                    .mapToObj(n -> alphabet.substring(n, n + 1))
                    .reduce("", String::concat)
                    .getBytes(StandardCharsets.ISO_8859_1);
            SettingsFile file = SettingsFile.parse(bytes);
            Map<String, String> wanted = values(file);
            wanted.put("key", "value");
            SettingsFile changed = file.with("key", "value");
            assertThat(values(SettingsFile.parse(changed.bytes())))
                    .as("seed %d", seed)
                    .isEqualTo(wanted);
            assertThat(changed.without("key").bytes()).as("seed %d", seed).isEqualTo(file.bytes());
        }
    }
}
