package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node of the distribution whose home is on a disk of 8 MB that fills up: each command that must write is refused
/// and
/// says why, what was there before stays, a restart comes up, and all goes on when there is room.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskIT {
    private static final String FULL = "No space left on device";
    private static final String PID = "network.mycelium.component";

    @TempDir
    Path temp;

    private Path disk;
    private Path filler;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectories(temp.resolve("disk"));
        filler = disk.resolve("filler");
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a small disk can only be mounted by root on Linux");
    }

    @AfterEach
    void unmount() throws Exception {
        new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor();
    }

    private void fill() {
        assertThatThrownBy(() -> {
                    try (OutputStream out = Files.newOutputStream(filler)) {
                        for (byte[] block = new byte[4096]; ; ) {
                            out.write(block);
                        }
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(FULL);
    }

    private static void assertRefused(NodeProcess node, String... words) throws IOException {
        NodeProcess.Answer answer = node.send(words);
        assertThat(answer.exit()).as(String.join(" ", words)).isNotZero();
        assertThat(answer.err()).contains(FULL);
    }

    private static List<String> column(NodeProcess node, String name, String... command) throws IOException {
        return TestNetwork.rows(node, command).stream()
                .map(row -> row.getString(name))
                .sorted()
                .toList();
    }

    private static void assertRuns(NodeProcess node, String... components) throws IOException {
        assertThat(column(node, "name", "component", "list")).containsExactly(components);
        assertThat(column(node, "state", "component", "list")).containsOnly("ACTIVE");
    }

    private static String linger(NodeProcess node) throws IOException {
        for (JSONObject row : TestNetwork.rows(node, "node", "config", PID)) {
            if (row.getString("setting").equals("linger.millis")) {
                return row.get("value").toString();
            }
        }
        throw new AssertionError("there is no such setting");
    }

    @Test
    void a_full_disk_refuses_what_must_be_written_and_loses_nothing() throws Exception {
        Path home = disk.resolve("home");
        List<String> roles = new ArrayList<>();
        try (var node = NodeProcess.start(home)) {
            node.send("network", "init", "--network-name", "small").ok();
            for (String name : List.of("a", "b")) {
                Path jar = TestBundle.named("full." + name, "1.0.0")
                        .component(name)
                        .service(name, "x")
                        .write(temp.resolve("jars"));
                node.use(jar, temp.resolve("repository"));
            }
            node.send("component", "load", "a").ok();
            node.send("node", "config", PID, "linger.millis=1234").ok();
            roles.add("role0");
            node.send("network", "role", "role0", "a").ok();

            assertRuns(node, "a");
            assertKeeps(node, roles);

            fill();
            assertRefused(node, "component", "load", "b");
            assertRefused(node, "node", "config", PID, "linger.millis=4321");
            // The last page of a file may have room for some more.
            NodeProcess.Answer last;
            do {
                assertThat(roles).hasSizeLessThan(200);
                String role = "role" + roles.size();
                last = node.send("network", "role", role, "a");
                if (last.exit() == 0) {
                    roles.add(role);
                }
            } while (last.exit() == 0);
            assertThat(last.err()).contains(FULL);
            if (last.err().contains("was said, but not put on record")) {
                roles.add("role" + roles.size());
            }
            assertRuns(node, "a");
            assertKeeps(node, roles);
            assertThat(node.send("node", "health").err()).contains("nearly full");
            assertThat(node.terminate()).isEqualTo(143);
        }
        try (var node = NodeProcess.start(home)) {
            // It has a shell, even if there was no room to install what it runs.
            assertKeeps(node, roles);
            assertRefused(node, "component", "load", "b");
            // As a power cut.
            node.kill();
        }
        try (var node = NodeProcess.start(home)) {
            assertKeeps(node, roles);
            Files.delete(filler);
            await().atMost(TestNetwork.SOON).untilAsserted(() -> assertRuns(node, "a"));
            node.send("component", "load", "b").ok();
            node.send("node", "config", PID, "linger.millis=4321").ok();
            node.send("network", "role", "later", "b").ok();
            assertRuns(node, "a", "b");
            assertThat(linger(node)).isEqualTo("4321");
            assertThat(column(node, "role", "network", "roles"))
                    .contains("later")
                    .containsAll(roles);
            assertThat(column(node, "component", "component", "history")).contains("a", "b");
            assertThat(home.resolve("data/mycelium.mv.db.damaged")).doesNotExist();
            node.terminate();
        }
        try (var node = NodeProcess.start(home)) {
            assertRuns(node, "a", "b");
            assertThat(column(node, "role", "network", "roles"))
                    .contains("later")
                    .containsAll(roles);
        }
    }

    /// What was there before the disk was full.
    private static void assertKeeps(NodeProcess node, List<String> roles) throws IOException {
        assertThat(column(node, "name", "component", "list")).containsExactly("a");
        assertThat(linger(node)).isEqualTo("1234");
        assertThat(column(node, "role", "network", "roles")).containsExactlyInAnyOrderElementsOf(roles);
        assertThat(column(node, "component", "component", "history")).contains("a");
    }
}
