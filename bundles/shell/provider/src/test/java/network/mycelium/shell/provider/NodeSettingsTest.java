package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import network.mycelium.shell.provider.settings.SettingsFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSettingsTest {
    @TempDir
    Path home;

    private SettingsFixture node;
    private NodeSettings settings;

    @BeforeEach
    void open() throws Exception {
        node = new SettingsFixture(home);
        settings = new NodeSettings(node.settings);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private String change(String pid, String... changes) throws IOException {
        return settings.change(pid, List.of(changes)).text();
    }

    @Test
    void settings_are_shown_with_default_and_meaning() throws Exception {
        assertThat(change("test.known", "port=22")).containsPattern("port +22 +8022 +Where it listens");
        assertThat(settings.all().text()).contains("test.known", "port=22");
        assertThat(change("test.known", "port=")).containsPattern("port +- +8022");
    }

    @Test
    void wrong_changes_change_nothing() {
        assertThatThrownBy(() -> change("test.known", "port=22", "colour=red"))
                .hasMessageContaining("In config/test.known.conf there is no setting colour. There are: port, hosts.");
        assertThatThrownBy(() -> change("test.known", "hosts=a", "port=many"))
                .hasMessageContaining("port takes a whole");
        assertThatThrownBy(() -> change("test.known", "port")).hasMessageContaining("KEY=VALUE");
        assertThat(node.kept).isEmpty();
    }

    @Test
    void secrets_are_kept_and_not_shown() throws Exception {
        assertThat(change("x", "password=s3cret", ".other=s3cret", "url=http://me:s3cret@host/", "limit=5"))
                .contains("limit", "5", "http://me:...@host/", "(secret)")
                .doesNotContain("s3cret");
        assertThat(settings.all().text()).doesNotContain("s3cret");
        assertThat(node.kept.get("x").get("password")).isEqualTo("s3cret");
        assertThat(settings.isDescribed("x")).isFalse();
        assertThat(settings.isDescribed("test.known")).isTrue();
    }

    @Test
    void mistakes_made_by_hand_are_told() throws Exception {
        Files.writeString(home.resolve("config/test.known.conf"), "port = 22\ncolour = red\n");
        assertThat(settings.of("test.known").text()).containsPattern("line 2 +- +- +there is no setting colour");
        assertThat(settings.all().json()).contains("config/test.known.conf line 2: there is no setting colour");
        assertThat(settings.problems("test.known")).hasSize(1);
        assertThat(settings.problems("other")).isEmpty();
    }
}
