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

/// A node of which much is broken tells what, and what to do.
class HealthIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    static Path temp;

    private static NodeProcess node;

    @BeforeAll
    static void boot() throws Exception {
        Path home = temp.resolve("home");
        Files.createDirectories(home.resolve("state"));
        Files.writeString(home.resolve("state/node.key"), "this is no key");
        Files.createDirectories(home.resolve("data"));
        Files.writeString(home.resolve("data/mycelium.mv.db.damaged"), "");
        Files.createDirectories(home.resolve("config"));
        Files.writeString(home.resolve("config/network.mycelium.libp2p.conf"), "max.connections = abc\n");
        // Nothing listens on port 9.
        Files.writeString(
                home.resolve("config/network.mycelium.storage.conf"), "url = jdbc:h2:tcp://127.0.0.1:9/none\n");
        node = NodeProcess.start(home);
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void each_problem_has_its_line_and_its_remedy() throws Exception {
        await().atMost(SOON).until(() -> health().contains("problem: this node is not on the network: "));
        assertThat(health().lines().filter(line -> line.startsWith("problem: ")))
                .allMatch(line -> line.contains("; do: "))
                .anyMatch(line -> line.contains("this node is not on the network: ") && line.contains("node.key"))
                .anyMatch(line -> line.contains("mycelium.mv.db.damaged"))
                .anyMatch(line -> line.contains("config/network.mycelium.libp2p.conf line 1: max.connections"))
                .anyMatch(line -> line.contains("the database cannot be reached"));
        assertThat(node.send("node", "health").exit()).isEqualTo(1);
    }

    @Test
    void scripts_read_the_problems_as_fields() throws Exception {
        var answer = node.send("node", "health", "--json");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(answer.out()).contains("\"check\":\"settings\",\"well\":false,\"problem\":\"config/", "\"do\":\"");
    }

    private static String health() throws Exception {
        return node.send("node", "health").err();
    }
}
