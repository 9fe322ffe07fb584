package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The node as its operator meets it: the script, the commands, the errors and the exit codes.
class NodeProcessIT {
    @TempDir
    Path temp;

    @Test
    void a_new_user_loads_the_sample_asks_why_and_unloads() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            assertThat(node.run("repo", "search", "greet").ok().out())
                    .contains("greeter", "network.mycelium.greeter.api");
            assertThat(node.run("component", "plan", "load", "greeter").ok().out())
                    .contains("network.mycelium.greeter 0.1.0")
                    .containsPattern("would restart +none");
            assertThat(node.run("component", "load", "greeter").ok().out())
                    .contains("verified network.mycelium.greeter 0.1.0 from url")
                    .endsWith("greeter 0.1.0 is loaded.\n");
            assertThat(node.run("greeter", "greet", "Ada").ok().out()).isEqualTo("Hello, Ada!\n");
            assertThat(node.run("component", "why", "greeter").ok().out()).contains("operator");
            assertThat(node.run("component", "list", "--json").ok().out())
                    .isEqualTo(
                            "[{\"name\":\"greeter\",\"version\":\"0.1.0\",\"state\":\"ACTIVE\",\"holders\":[\"operator\"],\"bundles\":2,\"problem\":\"\"}]\n");
            assertThat(node.run("component", "unload", "greeter").ok().out()).endsWith("greeter is unloaded.\n");
            assertThat(node.run("component", "history", "greeter").ok().out()).contains("UNLOADED", "LOADED");
            assertThat(node.run("node", "status", "--json").ok().out()).contains("\"components\":0");
            assertThat(node.run("component", "load", "--help").ok().out()).contains("Usage: component:load NAME");
            assertThat(node.terminate()).isEqualTo(143);
        }
    }

    @Test
    void errors_say_what_to_do() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            assertThat(node.run("component", "load", "nosuch")).satisfies(a -> {
                assertThat(a.exit()).isEqualTo(1);
                assertThat(a.err()).contains("nosuch cannot be loaded").contains("nothing offers it");
            });
            assertThat(node.run("component", "load")).satisfies(a -> {
                assertThat(a.exit()).isEqualTo(64);
                assertThat(a.err()).contains("Something is missing", "Usage: component:load NAME");
            });
            assertThat(node.run("component", "load", "a b").err()).contains("names no component");
            assertThat(node.run("no", "such").err()).contains("help");
            for (String line : List.of(
                    "no such",
                    "component nosuch",
                    "component load greeter@[1,",
                    "component list --nonsense",
                    "node log --lines many",
                    "node config x nonsense",
                    "p2p connect nonsense",
                    "p2p ping nonsense",
                    "repo add /nowhere",
                    "network invite --access royal",
                    "network direct greeter@[1",
                    "network init",
                    "help nosuch")) {
                var plain = node.send(line.split(" "));
                assertThat(plain.exit()).as(line + ": " + plain.err()).isEqualTo(64);
                var json = node.send((line + " --json").split(" "));
                assertThat(json.exit()).as(line).isEqualTo(64);
                assertThat(new JSONObject(json.err()).getString("error")).isNotBlank();
            }
            assertThat(node.run("component").ok().out()).contains("component:load", "component:why");
            assertThat(node.run("p2p").ok().out()).contains("p2p:connect").doesNotContain("node:status");
            assertThat(node.run("repo", "add", "http://127.0.0.1:1/", "--unsigned")
                            .err())
                    .contains("Connection refused");
            assertThat(node.run("repo", "add", temp.toString()).err()).contains("--key");
        }
    }

    @Test
    void a_second_node_in_the_same_home_is_refused() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            var second = NodeProcess.launch(Core.dist(), temp.resolve("home"));
            assertThat(second.awaitExit()).isEqualTo(75);
            assertThat(second.output()).contains("in use by another node (process " + node.pid() + ")");
        }
    }

    @Test
    void a_node_whose_key_is_damaged_leaves_the_network_and_says_why() throws Exception {
        Path home = temp.resolve("home");
        NodeProcess.start(home).kill();
        Path key = home.resolve("state/node.key");
        byte[] bytes = Files.readAllBytes(key);
        bytes[bytes.length - 1] ^= 1;
        Files.write(key, bytes);
        try (var node = NodeProcess.start(home)) {
            Path log = home.resolve("log/node.0.log");
            await().until(() -> Files.readString(log).contains("this node leaves the network"));
            assertThat(Files.readString(log))
                    .contains("node.key cannot be used: the key is damaged")
                    .contains("Put the right file back");
            var addresses = node.run("p2p", "addresses");
            assertThat(addresses.exit()).isEqualTo(1);
            assertThat(addresses.err()).contains("This node is not on the network", "the key is damaged");
            assertThat(node.run("component", "load", "greeter").ok().out()).endsWith("greeter 0.1.0 is loaded.\n");
            assertThat(node.terminate()).isEqualTo(143);
        }
    }

    @Test
    void a_changed_core_does_not_start() throws Exception {
        Path dist = copyOfDist();
        try (var jars = Files.list(dist.resolve("core/30-components"))) {
            Path jar = jars.sorted().findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(jar);
            bytes[bytes.length / 2] ^= 1;
            Files.write(jar, bytes);
        }
        var node = NodeProcess.launch(dist, temp.resolve("home"));
        assertThat(node.awaitExit()).isEqualTo(65);
        assertThat(node.output()).contains("differs from its digest").contains("Nothing of it was started");
    }

    /// The framework reads the manifests of bundles while they are verified, and stumbles over this one.
    @Test
    void a_core_that_is_cut_off_is_told_from_one_that_fails() throws Exception {
        Path dist = copyOfDist();
        try (var jars = Files.list(dist.resolve("core/20-storage"))) {
            Path jar = jars.sorted().findFirst().orElseThrow();
            Files.write(jar, java.util.Arrays.copyOf(Files.readAllBytes(jar), 1000));
        }
        var node = NodeProcess.launch(dist, temp.resolve("home"));
        assertThat(node.awaitExit()).isEqualTo(65);
        assertThat(node.output()).contains("differs from its digest").contains("Nothing of it was started");
    }

    @Test
    void an_added_bundle_does_not_start() throws Exception {
        Path dist = copyOfDist();
        TestBundle.named("x", "1.0.0").write(dist.resolve("core/30-components"));
        var node = NodeProcess.launch(dist, temp.resolve("home"));
        assertThat(node.awaitExit()).isEqualTo(65);
        assertThat(node.output()).contains("x-1.0.0.jar is not in the manifest");
    }

    @Test
    void a_core_signed_by_another_key_needs_the_operators_word() throws Exception {
        NodeProcess.start(temp.resolve("home")).kill();
        Files.writeString(temp.resolve("home/state/core.pub"), "another key\n");
        var refused = NodeProcess.launch(Core.dist(), temp.resolve("home"));
        assertThat(refused.awaitExit()).isEqualTo(65);
        assertThat(refused.output()).contains("--accept-core");
        NodeProcess.start(temp.resolve("home"), "--accept-core").close();
    }

    @Test
    void a_home_that_cannot_be_written_is_told() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        var node = NodeProcess.launch(Core.dist(), file.resolve("home"));
        assertThat(node.awaitExit()).isEqualTo(73);
        assertThat(node.output()).contains("cannot be used").contains("--home DIR");
    }

    @Test
    void a_home_on_a_read_only_disk_is_told() throws Exception {
        Path mount = Files.createDirectories(temp.resolve("ro"));
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", mount.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a read-only disk can only be mounted by root on Linux");
        try {
            var node = NodeProcess.launch(Core.dist(), mount.resolve("home"));
            assertThat(node.awaitExit()).isEqualTo(73);
            assertThat(node.output()).contains("Read-only file system");
        } finally {
            new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
        }
    }

    @Test
    void a_long_home_path_still_has_a_control_socket() throws Exception {
        Path home = temp.resolve("long".repeat(40));
        try (var node = NodeProcess.start(home)) {
            assertThat(node.run("component", "list").ok().out()).isEqualTo("(none)\n");
        }
    }

    @Test
    void a_node_that_is_stopped_while_it_boots_ends() throws Exception {
        Path home = temp.resolve("home");
        Path bundle = TestBundle.named("test.stopper", "1.0.0")
                .component("stopper")
                .activator("""
                        var now = java.nio.file.Path.of(context.getProperty("mycelium.home"), "stop-now");
                        if (java.nio.file.Files.exists(now)) {
                            context.getBundle(0).stop();
                        }
                        """, "")
                .write(temp.resolve("jars"));
        Path repository = temp.resolve("repository");
        try (var node = NodeProcess.start(home)) {
            node.use(bundle, repository);
            node.send("component", "load", "stopper").ok();
        }
        Files.createFile(home.resolve("stop-now"));
        try (var node = NodeProcess.launch(Core.dist(), home)) {
            assertThat(node.awaitExit()).isZero();
        }
    }

    private Path copyOfDist() throws IOException {
        Path dist = temp.resolve("dist");
        try (var walk = Files.walk(Core.dist())) {
            for (Path file : walk.toList()) {
                Path target = dist.resolve(Core.dist().relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return dist;
    }
}
