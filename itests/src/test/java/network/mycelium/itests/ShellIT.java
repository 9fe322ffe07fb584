package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The shell on a real terminal and through a real SSH client.
class ShellIT {
    @TempDir
    Path temp;

    private static boolean missing(String program) {
        return !Files.isExecutable(Path.of("/usr/bin", program));
    }

    @Test
    void a_terminal_completes_runs_and_leaves() throws Exception {
        assumeTrue(!missing("script"), "the program script (util-linux) is not installed");
        Path out = temp.resolve("out");
        var builder = new ProcessBuilder(
                        "script",
                        "-qfec",
                        "stty cols 120 rows 40; exec " + Core.dist().resolve("mycelium") + " up --home "
                                + temp.resolve("home"),
                        "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        try {
            seen(out, "mycelium> ");
            // Completion ends the command's and the component's name.
            type(process, "component lo\tgree\t\r");
            seen(out, "greeter 0.1.0 is loaded.");
            type(process, "greeter greet terminal\r");
            seen(out, "Hello, terminal!");
            type(process, "component frobnicate\r");
            seen(out, "not found");
            type(process, "exit\r");
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void type(Process process, String text) throws IOException {
        process.getOutputStream().write(TestBundle.text(text));
        process.getOutputStream().flush();
    }

    private static void seen(Path out, String text) {
        await().atMost(30, TimeUnit.SECONDS).until(() -> Files.readString(out).contains(text));
    }

    @Test
    void a_secret_setting_is_not_shown_and_stays_when_another_changes() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            node.run("node", "config", "test.secrets", ".password=s3cret", "url=http://me:hidden@host/")
                    .ok();
            String shown =
                    node.run("node", "config", "test.secrets", "limit=7").ok().out();
            assertThat(shown).contains("limit", "7", "http://me:...@host/").doesNotContain("s3cret", "hidden");
            assertThat(node.run("node", "config").ok().out()).doesNotContain("s3cret", "hidden");
            assertThat(Files.readString(node.home.resolve("config/test/secrets.config")))
                    .contains("s3cret", "http://me:hidden@host/");
            assertThat(Files.readString(node.home.resolve("log/node.0.log"))).doesNotContain("s3cret", "hidden");
        }
    }

    @Test
    void settings_are_shown_with_what_they_mean_and_wrong_ones_are_refused() throws Exception {
        String pid = "network.mycelium.libp2p";
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            assertThat(node.send("node", "config", pid).ok().out())
                    .contains("max.connections", "256", "Most connections of this node");
            var unknown = node.send("node", "config", pid, "low.water=3", "high_water=5");
            assertThat(unknown.exit()).isEqualTo(1);
            assertThat(unknown.err()).contains(pid + " has no setting high_water. It has: ", "high.water");
            var wrong = node.send("node", "config", pid, "low.water=3", "high.water=many");
            assertThat(wrong.exit()).isEqualTo(1);
            assertThat(wrong.err()).contains("high.water takes a whole number", "not many");
            assertThat(node.send("node", "config", pid, "perf=maybe").err()).contains("perf takes true or false");
            assertThat(node.send("node", "config").ok().out())
                    .contains(pid, "network.mycelium.storage")
                    .doesNotContain("low.water");
            assertThat(node.send("node", "config", pid, "low.water=3", "listen=/ip4/127.0.0.1/tcp/0")
                            .ok()
                            .out())
                    .containsPattern("low.water +3 +96");
            assertThat(node.send("node", "config", "not.there.yet", "a=b").ok().out())
                    .contains("No installed bundle has settings called not.there.yet");
        }
    }

    @Test
    void ssh_lets_a_known_key_in_and_nobody_else() throws Exception {
        assumeTrue(
                !missing("ssh") && !missing("ssh-keygen"),
                "no SSH client is installed (Debian: apt-get install openssh-client)");
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            node.run("node", "config", "network.mycelium.shell.ssh", "port=0").ok();
            node.run("component", "load", "ssh").ok();
            assertThat(run(
                            "ssh-keygen",
                            "-q",
                            "-t",
                            "ed25519",
                            "-N",
                            "",
                            "-f",
                            temp.resolve("known").toString()))
                    .isEmpty();
            assertThat(run(
                            "ssh-keygen",
                            "-q",
                            "-t",
                            "ed25519",
                            "-N",
                            "",
                            "-f",
                            temp.resolve("stranger").toString()))
                    .isEmpty();
            assertThat(ssh(node, "known")).contains("Permission denied");
            Path keys = node.home.resolve("config/authorized_keys");
            Files.copy(temp.resolve("known.pub"), keys);
            Files.setPosixFilePermissions(keys, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
            assertThat(ssh(node, "known")).contains("ssh").contains("ACTIVE");
            assertThat(ssh(node, "stranger")).contains("Permission denied").doesNotContain("ACTIVE");
            node.run("component", "unload", "ssh").ok();
            assertThat(ssh(node, "known")).doesNotContain("ACTIVE");
        }
    }

    private String ssh(NodeProcess node, String key) throws Exception {
        Path portFile = node.home.resolve("run/ssh-port");
        String port = Files.exists(portFile) ? Files.readString(portFile) : "1";
        return run(
                "timeout",
                "20",
                "ssh",
                "-p",
                port,
                "-i",
                temp.resolve(key).toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "LogLevel=ERROR",
                "operator@127.0.0.1",
                "component",
                "list");
    }

    private String run(String... command) throws Exception {
        Path out = Files.createTempFile(temp, "run", ".out");
        List<String> words = new ArrayList<>(List.of(command));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        assertThat(process.waitFor(40, TimeUnit.SECONDS)).as(words.toString()).isTrue();
        return Files.readString(out);
    }
}
