package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Versions that start and fail soon after: each is given up once, and none comes back by itself.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RejectedVersionIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir
    Path temp;

    /// Stops itself, over and over, while there is a file.
    private Path moody(String version) throws Exception {
        return TestBundle.named("t.moody", version)
                .component("moody")
                .activator("""
                        Thread.ofVirtual().start(() -> {
                            try {
                                while (context.getBundle().getState() != 2) {
                                    Thread.sleep(20);
                                    if (new java.io.File("%s").exists()) {
                                        context.getBundle().stop(1);
                                        return;
                                    }
                                }
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });""".formatted(temp.resolve("fail")), "")
                .write(temp.resolve("jars"));
    }

    private static JSONObject moody(NodeProcess node) throws Exception {
        List<JSONObject> rows = TestNetwork.rows(node, "component", "list");
        return rows.isEmpty() ? new JSONObject() : rows.getFirst();
    }

    @Test
    void two_versions_that_fail_do_not_alternate_for_ever() throws Exception {
        Path home = temp.resolve("home");
        Path config = Files.createDirectories(home.resolve("config"));
        Files.writeString(config.resolve("network.mycelium.component.conf"), "restart.delay.millis = 20\n");
        try (var node = NodeProcess.start(home)) {
            node.use(moody("1.0.0"), temp.resolve("repository"));
            node.use(moody("2.0.0"), temp.resolve("repository"));
            node.send("component", "load", "moody@1.0.0").ok();
            node.send("component", "update", "moody").ok();
            assertThat(moody(node).getString("version")).isEqualTo("2.0.0");

            Files.createFile(temp.resolve("fail"));
            await().atMost(SOON).until(() -> moody(node).optString("state").equals("QUARANTINED"));
            assertThat(moody(node).getString("version")).isEqualTo("1.0.0");
            String history = node.send("component", "history", "moody", "--limit", "100")
                    .ok()
                    .out();
            assertThat(history.lines().filter(line -> line.contains("ROLLED_BACK")))
                    .hasSize(1);
            node.kill();
        }
        Files.delete(temp.resolve("fail"));
        try (var node = NodeProcess.start(home)) {
            for (String version : List.of("1.0.0", "2.0.0")) {
                assertThat(node.send("component", "load", "moody@" + version).err())
                        .contains("moody@" + version + " failed too often", "--force");
            }
            node.send("component", "load", "moody@2.0.0", "--force").ok();
            assertThat(node.send("component", "list").ok().out()).contains("2.0.0", "ACTIVE");
        }
    }
}
