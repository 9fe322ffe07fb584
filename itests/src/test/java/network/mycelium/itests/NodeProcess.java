package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.mycelium.bench.network.NodeControl;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/// A node as a process of its own, started and spoken to by the `mycelium` script of the distribution.
final class NodeProcess implements AutoCloseable {
    /// What a command answered.
    record Answer(int exit, String out, String err) {
        Answer ok() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + ": " + err + out);
            }
            return this;
        }
    }

    final Path home;
    private final Process process;
    private final Path output;

    private NodeProcess(Path home, Process process, Path output) {
        this.home = home;
        this.process = process;
        this.output = output;
    }

    static NodeProcess start(Path home, String... options) throws IOException {
        return launch(Core.dist(), home, options).awaitReady();
    }

    /// @param prefix what the command line begins with
    static NodeProcess startBy(List<String> prefix, Path home) throws IOException {
        return launch(prefix, Core.dist(), home).awaitReady();
    }

    static NodeProcess launch(Path dist, Path home, String... options) throws IOException {
        return launch(List.of(), dist, home, options);
    }

    /// @param prefix what the command line begins with
    static NodeProcess launch(List<String> prefix, Path dist, Path home, String... options) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(dist.resolve("mycelium").toString(), "up", "--no-shell"));
        command.addAll(List.of("--home", home.toString()));
        command.addAll(List.of(options));
        Path output = Files.createTempFile("node", ".out");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new NodeProcess(home, builder.start(), output);
    }

    NodeProcess awaitReady() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("the node ended with " + process.exitValue() + ": " + output());
                    }
                    Assertions.assertThat(output()).as(this::endOfLog).contains("ready in");
                });
        return this;
    }

    private String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(home.resolve("log/node.0.log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /// Runs a command on the node.
    Answer run(String... words) throws IOException, InterruptedException {
        Path out = Files.createTempFile("command", ".out");
        Path err = Files.createTempFile("command", ".err");
        List<String> command =
                new ArrayList<>(List.of(Core.dist().resolve("mycelium").toString()));
        command.addAll(List.of("--home", home.toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process p = builder.start();
        if (!p.waitFor(60, TimeUnit.SECONDS)) {
            p.destroyForcibly();
            throw new IllegalStateException("no answer to " + command);
        }
        return new Answer(p.exitValue(), Files.readString(out), Files.readString(err));
    }

    /// Follows a topic until one message came, and gives what was printed.
    CompletableFuture<String> hearOne(String topic) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return run("p2p", "follow", topic, "--count", "1", "--seconds", "50")
                        .ok()
                        .out();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /// Publishes a bundle in a repository, by a key of its own, and has this node use it.
    void use(Path jar, Path repository) throws IOException {
        String key = repository + ".pem";
        if (!Files.exists(Path.of(key))) {
            send("repo", "keygen", key).ok();
        }
        send("repo", "publish", repository.toString(), jar.toString(), "--key", key)
                .ok();
        send("repo", "add", repository.toString(), "--unsigned").ok();
    }

    /// Speaks over the control socket itself, without starting a process: for many commands, and for killing in
    /// time.
    Answer send(String... words) throws IOException {
        NodeControl.Answer answer = NodeControl.send(home, words);
        return new Answer(answer.exit(), answer.out(), answer.err());
    }

    /// SIGKILL, as a power cut would.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// SIGTERM.
    ///
    /// @return the exit code
    int terminate() throws InterruptedException {
        process.destroy();
        process.waitFor(30, TimeUnit.SECONDS);
        return process.exitValue();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the node still runs");
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly();
        process.waitFor();
    }
}
