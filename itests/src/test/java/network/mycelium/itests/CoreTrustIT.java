package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import network.mycelium.distribution.Assembler;
import network.mycelium.distribution.CoreArchive;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node that updated itself to another core goes by the distribution all the same, and a core of which nothing works
/// does not take its place.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CoreTrustIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path temp;

    private Path copy(Path from, Path to, String without) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (without.isEmpty() || !file.getFileName().toString().startsWith(without)) {
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return to;
    }

    private void offer(NodeProcess node, Path dist, String version) throws Exception {
        Path archive = temp.resolve("core-" + version + ".jar");
        CoreArchive.write(dist, version, Assembler.releaseKey(), archive);
        Path key = temp.resolve("publisher.pem");
        if (!Files.exists(key)) {
            node.send("repo", "keygen", key.toString()).ok();
        }
        Path repository = temp.resolve("repository");
        node.send("repo", "publish", repository.toString(), archive.toString(), "--key", key.toString())
                .ok();
        node.send("repo", "add", repository.toString(), "--unsigned").ok();
    }

    private static String core(NodeProcess node) {
        try {
            return new JSONObject(node.send("node", "status", "--json").ok().out()).getString("core");
        } catch (IOException | RuntimeException | AssertionError e) {
            // It changes from one core to the next.
            return "";
        }
    }

    @Test
    void a_core_must_work_to_stay_and_the_distribution_is_verified_beside_it() throws Exception {
        Path dist = copy(Core.dist(), temp.resolve("dist"), "");
        Path home = temp.resolve("home");
        String own;
        try (var node = NodeProcess.launch(dist, home).awaitReady()) {
            own = core(node);
            // All its bundles are active, and there is neither manager nor index.
            offer(
                    node,
                    copy(dist.resolve("core"), temp.resolve("dead/core"), "repository-0")
                            .getParent(),
                    "9.0.0");
            node.send("component", "load", "core@9.0.0");
            // A core on trial has a minute for its services to come up.
            await().atMost(SOON.multipliedBy(3))
                    .until(() -> Files.exists(home.resolve("state/core-rejected"))
                            || Files.exists(home.resolve("state/core-current")));
            assertThat(home.resolve("state/core-current")).doesNotExist();
            assertThat(Files.readString(home.resolve("state/core-rejected")))
                    .startsWith("9.0.0 ")
                    .contains("RepositoryIndex", "ComponentManager");
            await().atMost(SOON).until(() -> core(node).equals(own));

            // Loaded beside it; a node that belongs to no network needs nothing of one.
            offer(node, dist, "7.0.0");
            node.send("component", "load", "core@7.0.0").ok();
            await().atMost(SOON).until(() -> current(home).equals("7.0.0"));

            offer(node, dist, "8.0.0");
            node.send("component", "load", "core@8.0.0").ok();
            await().atMost(SOON).until(() -> core(node).equals("8.0.0"));
            // While it is on trial.
            node.kill();
        }
        assertThat(current(home)).isEqualTo("7.0.0");
        try (var node = NodeProcess.launch(dist, home).awaitReady()) {
            await().atMost(SOON).until(() -> current(home).equals("8.0.0"));
            assertThat(core(node)).isEqualTo("8.0.0");
            assertThat(Files.readAllLines(home.resolve("state/core-rejected"))).hasSize(1);
            node.terminate();
        }
        for (String part : new String[] {"repository/publisher", "lib/org.apache.felix.framework-7.0.5.jar"}) {
            Path file = dist.resolve(part);
            byte[] good = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(good, good.length + 1));
            try (var node = NodeProcess.launch(dist, home)) {
                await().atMost(SOON)
                        .until(() -> !node.isAlive() || node.output().contains("ready in"));
                assertThat(node.isAlive()).as(part + " was not verified").isFalse();
                assertThat(node.awaitExit()).isEqualTo(65);
                assertThat(node.output()).contains(part, "Install the distribution again");
            }
            Files.write(file, good);
        }
        try (var node = NodeProcess.launch(dist, home).awaitReady()) {
            assertThat(core(node)).isEqualTo("8.0.0");
        }
    }

    private static String current(Path home) throws IOException {
        Path file = home.resolve("state/core-current");
        return Files.exists(file) ? Files.readAllLines(file).getFirst() : "";
    }
}
