package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.awaitVersion;
import static network.mycelium.itests.TestNetwork.direct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.distribution.Assembler;
import network.mycelium.distribution.CoreArchive;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The cores of real nodes change by a directive, and go back by themselves.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CoreUpdateIT {
    @TempDir
    Path temp;

    private Path archive(Path dist, String version) throws Exception {
        Path archive = temp.resolve("core-" + version + ".jar");
        CoreArchive.write(dist, version, Assembler.releaseKey(), archive);
        return archive;
    }

    /// The core without one of its bundles, which others need.
    private Path broken() throws Exception {
        Path copy = temp.resolve("broken");
        try (Stream<Path> files = Files.walk(Core.dist().resolve("core"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(Core.dist().relativize(file).toString());
                Files.createDirectories(target.getParent());
                if (!file.getFileName().toString().startsWith("repository.api")) {
                    Files.copy(file, target);
                }
            }
        }
        return copy;
    }

    /// Empty while the node is silent.
    private static String core(NodeProcess node) {
        try {
            return new JSONObject(node.send("node", "status", "--json").ok().out()).getString("core");
        } catch (Exception | AssertionError e) {
            return "";
        }
    }

    @Test
    void a_core_is_updated_as_a_component_is_and_the_old_one_comes_back_when_the_new_one_does_not_come_up()
            throws Exception {
        try (var network = new TestNetwork(temp)) {
            List<NodeProcess> first = network.network(2);
            NodeProcess founder = first.get(0);
            network.publish(founder, "1.0.0");
            direct(founder, "weather");
            awaitVersion(first, "1.0.0");
            assertThat(core(first.get(1))).isNotEmpty();

            network.publish(founder, archive(Core.dist(), "7.0.0"));
            direct(founder, "core@7.0.0");
            Path unpacking = first.get(1).home.resolve("cores/7.0.0.new");
            await().pollInterval(Duration.ofMillis(1)).atMost(SOON).until(() -> Files.exists(unpacking));
            first.get(1).kill();
            NodeProcess node = network.node("node1");
            List<NodeProcess> all = List.of(founder, node);
            await().atMost(SOON.multipliedBy(2)).until(() -> all.stream().allMatch(n -> core(n).equals("7.0.0")));
            awaitVersion(all, "1.0.0");
            // It is the node's own from when it has run for ten seconds.
            await().atMost(SOON)
                    .until(() -> Files.exists(node.home.resolve("state/core-current"))
                            && !Files.exists(node.home.resolve("state/core-trying")));
            node.kill();
            NodeProcess again = network.node("node1");
            assertThat(core(again)).isEqualTo("7.0.0");
            again.kill();
            Path part = again.home.resolve("cores/7.0.0/core/00-core/version");
            Files.writeString(part, "changed\n");
            NodeProcess mended = network.node("node1");
            await().ignoreExceptions()
                    .atMost(SOON.multipliedBy(2))
                    .until(() -> core(mended).equals("7.0.0"));
            assertThat(Files.readString(part)).isEqualTo("7.0.0\n");

            // A core that is replaced while it is on trial counts as one that did not stay.
            await().atMost(SOON.multipliedBy(3))
                    .until(() -> Files.exists(mended.home.resolve("state/core-current"))
                            && !Files.exists(mended.home.resolve("state/core-trying")));
            network.publish(founder, archive(broken(), "8.0.0"));
            direct(founder, "core@8.0.0", "--from", "7.0.0", "--canaries", "1", "--wave", "50", "--window", "5");
            await().atMost(SOON.multipliedBy(3))
                    .until(() -> Files.exists(founder.home.resolve("state/core-rejected"))
                            || Files.exists(mended.home.resolve("state/core-rejected")));
            await().ignoreExceptions().atMost(SOON.multipliedBy(2)).untilAsserted(() -> {
                String status = founder.send("network", "status", "--json").ok().out();
                assertThat(status).contains("did not come up");
            });
            await().atMost(SOON)
                    .until(() -> core(founder).equals("7.0.0") && core(mended).equals("7.0.0"));
            awaitVersion(List.of(founder, mended), "1.0.0");
        }
    }
}
