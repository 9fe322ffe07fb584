package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
    void a_terminal_completes_runs_and_leaves_and_ctrl_c_ends_no_node() throws Exception {
        assumeTrue(TerminalProcess.isPossible(), "the program script (util-linux) is not installed");
        Path home = temp.resolve("home");
        try (var terminal = TerminalProcess.start(Core.dist().resolve("mycelium") + " up --home " + home)) {
            terminal.see("mycelium> ");
            // Completion ends the command's and the component's name.
            terminal.type("component lo\tgree\t\r").see("greeter 0.1.0 is loaded.");
            terminal.type("greeter greet terminal\r").see("Hello, terminal!");
            terminal.type("component unload --dr\tgree\t\r").see("stop and remove");
            terminal.type("node config network.mycelium.sto\t\r").see("Database user");
            terminal.type("component frobnicate\r").see("not found");
            terminal.see("mycelium> ");
            terminal.type("greeter greet dropped" + TerminalProcess.CTRL_C).see("mycelium> ");
            terminal.type("greeter greet kept\r").see("Hello, kept!");
            assertThat(terminal.shown()).doesNotContain("Hello, dropped!");
            terminal.type("p2p follow x\r");
            await().atMost(SOON).until(() -> log(home).contains("runs p2p:follow"));
            terminal.type(TerminalProcess.CTRL_C).see("Cancelled.");
            terminal.see("mycelium> ");
            assertThat(terminal.isAlive()).isTrue();
            terminal.type(TerminalProcess.CTRL_D);
            assertThat(terminal.awaitEnd()).isZero();
        }
        assertThat(log(home)).contains("operator", "ran component:load greeter: done", "cancelled: Ctrl-C");
    }

    @Test
    void a_shell_is_attached_to_a_running_node_which_goes_on_when_it_is_left() throws Exception {
        assumeTrue(TerminalProcess.isPossible(), "the program script (util-linux) is not installed");
        try (var node = NodeProcess.start(temp.resolve("home"));
                var terminal =
                        TerminalProcess.start(Core.dist().resolve("mycelium") + " --home " + node.home + " shell")) {
            terminal.see("mycelium> ");
            terminal.type("greeter x").see("greeter x");
            terminal.type(TerminalProcess.CTRL_C).see("mycelium> ");
            terminal.type("p2p follow x\r");
            await().atMost(SOON).until(() -> log(node.home).contains("runs p2p:follow"));
            terminal.type(TerminalProcess.CTRL_C).see("Cancelled.");
            terminal.see("mycelium> ");
            terminal.type("x = 5; node:status --json\r").see(node.home.toString());
            terminal.see("mycelium> ");
            terminal.type(TerminalProcess.CTRL_D);
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(node.send("node", "status").exit()).isZero();
            assertThat(node.run("shell").err()).contains("`mycelium shell` takes a terminal");
        }
    }

    @Test
    void a_node_whose_journal_cannot_be_used_has_a_shell() throws Exception {
        Path home = temp.resolve("home");
        // No file can be there, nor be read from there.
        Files.createDirectories(home.resolve("state/components.journal/in-the-way"));
        try (var node = NodeProcess.launch(Core.dist(), home)) {
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> node.send("node", "status").exit() == 0);
            assertThat(node.send("node", "log", "--lines", "500").ok().out())
                    .contains("components.journal cannot be used", "Make it a file that this user can write");
            assertThat(node.send("component", "list").exit()).isZero();
            assertThat(node.send("felix:lb").ok().out()).contains("component manager");
        }
    }

    @Test
    void a_command_ends_with_its_client_and_a_node_without_shell_by_a_signal() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            Process client = new ProcessBuilder(
                            Core.dist().resolve("mycelium").toString(),
                            "--home",
                            node.home.toString(),
                            "p2p",
                            "follow",
                            "x")
                    .start();
            await().atMost(SOON)
                    .until(() -> node.send("p2p", "topics").ok().out().contains("x "));
            run("kill", "-INT", Long.toString(client.pid()));
            assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
            await().atMost(SOON)
                    .until(() -> !node.send("p2p", "topics").ok().out().contains("x "));
            run("kill", "-INT", Long.toString(node.pid()));
            node.awaitExit();
            assertThat(log(node.home)).contains("its caller went away");
        }
    }

    private static String log(Path home) throws IOException {
        Path file = home.resolve("log/node.0.log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    @Test
    void tickets_and_passwords_come_from_files_and_the_standard_input() throws Exception {
        try (var node = NodeProcess.start(temp.resolve("home"))) {
            Path secret = Files.writeString(temp.resolve("secret"), "s3cret\n");
            String mycelium = Core.dist().resolve("mycelium") + " --home " + node.home;
            assertThat(run("sh", "-c", mycelium + " node config test.in --value-file password=- < " + secret))
                    .contains("(secret)")
                    .doesNotContain("s3cret");
            node.send("node", "config", "test.in", "--value-file", "token=" + secret)
                    .ok();
            assertThat(Files.readString(node.home.resolve("config/test.in.conf")))
                    .contains("password = s3cret", "token = s3cret");
            assertThat(run("sh", "-c", "echo mycelium1-nonsense | " + mycelium + " network join -"))
                    .containsIgnoringCase("ticket");
            assertThat(log(node.home)).doesNotContain("s3cret", "nonsense");
        }
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
            assertThat(Files.readString(node.home.resolve("config/test.secrets.conf")))
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
            assertThat(unknown.err()).contains(pid + ".conf there is no setting high_water. There are: ", "high.water");
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
        try (var node = sshNode()) {
            assertThat(ssh(node, "known", "component", "list")).contains("Permission denied");
            Path keys = keys(node, "");
            assertThat(ssh(node, "known", "component", "list")).contains("ssh").contains("ACTIVE");
            assertThat(ssh(node, "stranger", "component", "list"))
                    .contains("Permission denied")
                    .doesNotContain("ACTIVE");

            // Others could have written it.
            Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(ssh(node, "known", "component", "list")).contains("Permission denied");
            assertThat(log(node.home)).contains("Nobody gets in over SSH", "chmod go-w");
            node.run("component", "unload", "ssh").ok();
            assertThat(ssh(node, "known", "component", "list")).doesNotContain("ACTIVE");
        }
    }

    @Test
    void what_stands_before_an_ssh_key_holds() throws Exception {
        assumeTrue(!missing("ssh") && !missing("ssh-keygen"), "no SSH client is installed");
        try (var node = sshNode()) {
            keys(node, "restrict,command=\"node status\" ");
            assertThat(ssh(node, "known", "component", "list"))
                    .contains(node.home.toString())
                    .doesNotContain("ACTIVE");
            keys(node, "from=\"192.0.2.1\" ");
            assertThat(ssh(node, "known", "component", "list")).contains("Permission denied");
            keys(node, "expiry-time=\"20200101\" ");
            assertThat(ssh(node, "known", "component", "list")).contains("Permission denied");
            keys(node, "environment=\"A=b\" ");
            assertThat(ssh(node, "known", "component", "list")).contains("Permission denied");
            assertThat(log(node.home)).contains("the option environment is not known here");

            keys(node, "access=\"restricted\" ");
            assertThat(ssh(node, "known", "help", "\"'; felix:lb #\""))
                    .doesNotContain("|Active", "Apache Felix", "Exception");
            assertThat(ssh(node, "known", "component", "list")).contains("component:list takes read-only");
        }
    }

    @Test
    void ctrl_c_over_ssh_drops_the_line_and_ends_the_command() throws Exception {
        assumeTrue(
                TerminalProcess.isPossible() && !missing("ssh") && !missing("ssh-keygen"),
                "no SSH client or no script");
        try (var node = sshNode()) {
            keys(node, "");
            try (var terminal = TerminalProcess.start(String.join(" ", client(node, "known", "-tt")))) {
                terminal.see("mycelium> ");
                terminal.type("nonsense").see("nonsense");
                terminal.type(TerminalProcess.CTRL_C).see("mycelium> ");
                terminal.type("node status\r").see("uptime seconds");
                terminal.see("mycelium> ");
                terminal.type("p2p follow x\r");
                await().atMost(SOON).until(() -> log(node.home).contains("runs p2p:follow"));
                terminal.type(TerminalProcess.CTRL_C).see("Cancelled.");
                terminal.see("mycelium> ");
                assertThat(terminal.shown()).doesNotContain("not found");
                terminal.type("p2p follow y\r");
                await().atMost(SOON)
                        .until(() -> node.send("p2p", "topics").ok().out().contains("y "));
            }
            // The client is gone, and what it ran with it.
            await().atMost(SOON)
                    .until(() -> !node.send("p2p", "topics").ok().out().contains("y "));
            assertThat(log(node.home)).contains("SHA256:").doesNotContain("ssh:operator");
        }
    }

    /// A node that SSH is loaded on, and keys `known` and `stranger`.
    private NodeProcess sshNode() throws Exception {
        NodeProcess node = NodeProcess.start(temp.resolve("home"));
        node.send("node", "config", "network.mycelium.shell.ssh", "port=0").ok();
        node.send("component", "load", "ssh").ok();
        for (String name : List.of("known", "stranger")) {
            String file = temp.resolve(name).toString();
            assertThat(run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file))
                    .isEmpty();
        }
        return node;
    }

    /// Lets the key `known` in.
    private Path keys(NodeProcess node, String options) throws IOException {
        Path keys = node.home.resolve("config/authorized_keys");
        Files.writeString(keys, options + Files.readString(temp.resolve("known.pub")));
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
        return keys;
    }

    private String ssh(NodeProcess node, String key, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of("timeout", "20"));
        words.addAll(client(node, key, "-T"));
        words.addAll(List.of(command));
        return run(words.toArray(String[]::new));
    }

    private List<String> client(NodeProcess node, String key, String terminal) throws IOException {
        Path portFile = node.home.resolve("run/ssh-port");
        String port = Files.exists(portFile) ? Files.readString(portFile) : "1";
        String file = temp.resolve(key).toString();
        List<String> words = new ArrayList<>(List.of("ssh", terminal, "-p", port, "-i", file));
        for (String option : List.of(
                "IdentitiesOnly=yes",
                "BatchMode=yes",
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "LogLevel=ERROR")) {
            words.addAll(List.of("-o", option));
        }
        words.add("operator@127.0.0.1");
        return words;
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
