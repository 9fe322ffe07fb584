package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A person edits the files of settings while the node runs.
class SettingsIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    static Path temp;

    private static NodeProcess node;
    private static Path config;

    @BeforeAll
    static void boot() throws Exception {
        config = Files.createDirectories(temp.resolve("home/config"));
        Files.writeString(config.resolve("network.mycelium.libp2p.conf"), """
                # This machine only.
                listen = /ip4/127.0.0.1/tcp/0
                max.connections = abc
                """);
        node = NodeProcess.start(temp.resolve("home"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void a_mistake_stops_nothing_and_is_told_with_its_place() throws Exception {
        String mistake = "config/network.mycelium.libp2p.conf line 3: max.connections takes a whole number";
        assertThat(node.send("node", "config").ok().out()).contains("problem: " + mistake);
        assertThat(node.send("p2p", "addresses").ok().out()).contains("/ip4/127.0.0.1/tcp/");
        await().atMost(SOON).until(() -> log().contains(mistake));
        assertThat(log().split(java.util.regex.Pattern.quote(mistake), -1)).hasSize(2);
    }

    @Test
    void what_a_person_writes_holds_without_a_restart() throws Exception {
        Path file = config.resolve("network.mycelium.repository.url.conf");
        Files.writeString(file, "timeout.millis = 777\ntimeout.milis = 5\nnonsense\n");
        await().atMost(SOON)
                .until(() -> shown("network.mycelium.repository.url").contains("777"));
        assertThat(shown("network.mycelium.repository.url"))
                .contains("conf line 2: there is no setting timeout.milis. There are: ")
                .contains("conf line 3: it has no =");
        assertThat(Files.readString(file)).isEqualTo("timeout.millis = 777\ntimeout.milis = 5\nnonsense\n");
        Files.delete(file);
        await().atMost(SOON)
                .until(() -> !shown("network.mycelium.repository.url").contains("777"));
    }

    @Test
    void the_command_keeps_what_a_person_wrote() throws Exception {
        Path file = config.resolve("network.mycelium.repository.cache.conf");
        Files.writeString(file, "# Small disk.\nretention.hours = 5\n\n# Bytes.\nquota.bytes = 1000000\n");
        node.send("node", "config", "network.mycelium.repository.cache", "retention.hours=6")
                .ok();
        assertThat(Files.readString(file))
                .isEqualTo("# Small disk.\nretention.hours = 6\n\n# Bytes.\nquota.bytes = 1000000\n");
        assertThat(node.send("node", "config", "../escape", "a=b").err()).contains("is no pid");
        assertThat(temp.resolve("home/escape.conf")).doesNotExist();
    }

    @Test
    void old_files_and_unknown_pids_are_told() throws Exception {
        Files.createDirectories(config.resolve("network/mycelium"));
        Files.writeString(config.resolve("network/mycelium/storage.config"), "url=\"jdbc:h2:mem:x\"\n");
        Files.writeString(config.resolve("network.mycelium.libp2q.conf"), "listen = x\n");
        assertThat(node.send("node", "config").ok().out())
                .contains("config/network/mycelium/storage.config: it is of an old format and ignored")
                .contains("config/network.mycelium.libp2q.conf: no component that is loaded has such settings");
    }

    private static String shown(String pid) throws Exception {
        return node.send("node", "config", pid).ok().out();
    }

    private static String log() throws Exception {
        return Files.readString(temp.resolve("home/log/node.0.log"));
    }
}
