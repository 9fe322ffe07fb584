package network.mycelium.shell.provider.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Dictionary;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    Path home;

    private SettingsFixture node;

    @BeforeEach
    void open() throws Exception {
        node = new SettingsFixture(home);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Dictionary<String, Object> held(String pid) {
        return node.kept.get(pid);
    }

    @Test
    void a_file_holds_at_the_start_with_the_types_of_its_settings() throws Exception {
        node.write("test.known.conf", "port = 22\nhosts = a, b\n");
        try (var again = new SettingsFixture(home)) {
            assertThat(again.kept.get("test.known").get("port")).isEqualTo(22);
            assertThat((String[]) again.kept.get("test.known").get("hosts")).containsExactly("a", "b");
            assertThat(again.problems()).isEmpty();
        }
    }

    @Test
    void a_change_by_hand_holds_when_the_file_is_whole() throws Exception {
        node.write("test.known.conf", "port = 22\n");
        node.settings.poll();
        node.write("test.known.conf", "port = 2222\n");
        node.settings.poll();
        assertThat(held("test.known")).isNull();
        node.settings.poll();
        assertThat(held("test.known").get("port")).isEqualTo(2222);
        int updates = node.updates;
        node.write("test.known.conf", "# A comment.\nport = 2222\n");
        node.look();
        assertThat(node.updates).isEqualTo(updates);
        Files.delete(node.file("test.known.conf"));
        node.look();
        assertThat(held("test.known")).isNull();
    }

    @Test
    void each_mistake_is_told_with_its_place_and_stops_nothing_else() throws Exception {
        String wrong = "colour = red\nport = many\nport = 70000\nnonsense\nhosts = a\n";
        node.write("test.known.conf", wrong);
        node.write("test.knwon.conf", "port = 5\n");
        node.write("no pid.conf", "");
        node.look();
        assertThat(node.problems())
                .containsExactlyInAnyOrder(
                        "config/test.known.conf line 1: there is no setting colour. There are: port, hosts."
                                + " (this line is ignored)",
                        "config/test.known.conf line 2: port takes a whole number from 1 to 65535, not many."
                                + " (this line is ignored)",
                        "config/test.known.conf line 2: port is set again in line 3, which holds"
                                + " (this line is ignored)",
                        "config/test.known.conf line 3: port takes a whole number from 1 to 65535, not 70000."
                                + " (this line is ignored)",
                        "config/test.known.conf line 4: it has no =; a setting is written key = value"
                                + " (this line is ignored)",
                        "config/test.knwon.conf: no component that is loaded has such settings; load it, or rename"
                                + " the file to one of: test.known",
                        "config/no pid.conf: its name is no pid; it must be PID.conf, as network.mycelium.libp2p.conf");
        assertThat((String[]) held("test.known").get("hosts")).containsExactly("a");
        assertThat(held("test.known").get("port")).isNull();
        assertThat(held("test.knwon").get("port")).isEqualTo("5");
        assertThat(node.read("test.known.conf")).isEqualTo(wrong);
    }

    @Test
    void a_file_in_the_old_format_is_refused_with_the_way_out() throws Exception {
        Files.createDirectories(node.file("test"));
        node.write("test/known.config", "service.pid=\"test.known\"\nport=I\"5\"\n");
        assertThat(node.problems())
                .containsExactly("config/test/known.config: it is of an old format and ignored; write its settings as"
                        + " key = value into config/test.known.conf and remove it");
        assertThat(held("test.known")).isNull();
    }

    @Test
    void settings_wait_for_the_bundle_that_has_them_and_it_starts_with_their_types() throws Exception {
        node.write("later.conf", "size = 4\n");
        node.write("many~one.conf", "size = 6\n");
        node.look();
        assertThat(held("later").get("size")).isEqualTo("4");
        node.install("""
                <MetaData><OCD id="c"><AD id="size" type="Long"/></OCD>\
                <Designate pid="later"><Object ocdref="c"/></Designate>\
                <Designate factoryPid="many"><Object ocdref="c"/></Designate></MetaData>""");
        assertThat(held("later").get("size")).isEqualTo(4L);
        assertThat(held("many~one").get("size")).isEqualTo(6L);
        assertThat(node.problems()).isEmpty();
    }

    @Test
    void a_command_changes_the_file_and_only_what_it_names() throws Exception {
        node.write("test.known.conf", "# Mine.\nport = many\nhosts = a\n");
        node.settings.change("test.known", Map.of("port", Optional.of("23")));
        assertThat(node.read("test.known.conf")).isEqualTo("# Mine.\nport = 23\nhosts = a\n");
        assertThat(held("test.known").get("port")).isEqualTo(23);
        node.settings.change("test.known", Map.of("port", Optional.empty()));
        assertThat(node.read("test.known.conf")).isEqualTo("# Mine.\nhosts = a\n");
        assertThat(Files.getPosixFilePermissions(node.file("test.known.conf")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void a_wrong_command_changes_nothing() {
        assertThatThrownBy(() ->
                        node.settings.change("test.known", Map.of("hosts", Optional.of("a"), "port", Optional.of("0"))))
                .hasMessageContaining("from 1 to 65535");
        for (String pid : new String[] {"../x", "/etc/x", "", ".x", "a/b", "a b"}) {
            assertThatThrownBy(() -> node.settings.change(pid, Map.of("a", Optional.of("b"))))
                    .hasMessageContaining("is no pid");
        }
        assertThat(home.resolve("config")).isEmptyDirectory();
        assertThat(node.kept).isEmpty();
    }

    @Test
    void a_file_that_is_too_long_or_cannot_be_read_changes_nothing_that_holds() throws Exception {
        node.write("test.known.conf", "port = 22\n");
        node.look();
        node.write("test.known.conf", "#".repeat(SettingsFolder.MAX_FILE_BYTES + 1));
        assertThat(node.problems()).singleElement().asString().contains("it is longer than");
        Files.delete(node.file("test.known.conf"));
        Files.createDirectory(node.file("test.known.conf"));
        assertThat(node.problems()).singleElement().asString().contains("it cannot be read");
        assertThat(held("test.known").get("port")).isEqualTo(22);
    }

    @Test
    void a_folder_that_cannot_be_read_is_told_and_keeps_no_node_down() throws Exception {
        node.write("test.known.conf", "port = 22\n");
        node.look();
        Files.move(home.resolve("config"), home.resolve("away"));
        Files.createFile(home.resolve("config"));
        assertThat(node.problems()).singleElement().asString().startsWith("config/: it cannot be read");
        assertThat(held("test.known").get("port")).isEqualTo(22);
    }
}
