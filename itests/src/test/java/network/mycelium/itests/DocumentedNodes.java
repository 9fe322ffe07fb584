package network.mycelium.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.mycelium.bench.network.NodeControl;

/// The nodes of somebody who follows a page: its commands are run by a shell as they stand there, with `mycelium` of
/// the distribution, in a home folder and a `/tmp` of their own. In capitals stands what an earlier command printed:
/// `TICKET`, `ADDRESS`, `PEER`, `PUBLISHER`, `NUMBER`.
final class DocumentedNodes implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Pattern UP = Pattern.compile("mycelium (?:--home (\\S+) )?up");
    /// What may be asked again until it says what is shown.
    private static final Pattern LOOKS = Pattern.compile(
            ".*\\b(status|list|info|members|directives|outcomes|nodes|charter|peers|roles|health|why|answer|greet)\\b.*");
    private static final Map<String, Pattern> PRINTED = new LinkedHashMap<>();

    static {
        PRINTED.put("TICKET", Pattern.compile("mycelium\\d+-[\\w-]+"));
        PRINTED.put("ADDRESS", Pattern.compile("/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/12D3Koo\\w+"));
        PRINTED.put("PEER", Pattern.compile("12D3Koo\\w+"));
        PRINTED.put("PUBLISHER", Pattern.compile("ed25519:[\\w-]{20,}"));
        PRINTED.put("NUMBER", Pattern.compile("(?<=, number )\\w+"));
    }

    private final Path scratch;
    private final Path home;
    private final Map<String, String> printed = new LinkedHashMap<>();
    private final List<NodeProcess> nodes = new ArrayList<>();

    DocumentedNodes(Path scratch) throws IOException {
        this.scratch = scratch;
        this.home = Files.createDirectories(scratch.resolve("home"));
        Path bin = Files.createDirectories(scratch.resolve("bin"));
        Path script = bin.resolve("mycelium");
        Files.writeString(
                script, """
                #!/bin/bash
                case ${1:-} in
                  new|dev)
                    export dist=%1$s checkout=%2$s java_home=$JAVA_HOME MYCELIUM_KEYS=%3$s/.mycelium/keys HOME=%4$s
                    exec %2$s/scripts/"$@" ;;
                esac
                exec %1$s/mycelium "$@"
                """.formatted(Core.dist(), ForeignPeers.checkout(), home, System.getProperty("user.home")));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    /// Runs the commands of a block.
    ///
    /// @return what was not as it is shown
    List<String> run(ConsoleBlock block) throws Exception {
        List<String> problems = new ArrayList<>();
        for (ConsoleBlock.Step step : block.steps()) {
            String problem = run(step, block.exit());
            if (!problem.isEmpty()) {
                problems.add("%s line %d, %s: %s".formatted(block.page(), block.line(), step.command(), problem));
            }
        }
        return problems;
    }

    private String run(ConsoleBlock.Step step, int exit) throws Exception {
        String command = filledIn(step.command());
        Matcher up = UP.matcher(command);
        if (up.matches()) {
            nodes.add(NodeProcess.start(up.group(1) == null ? home.resolve(".mycelium/node") : Path.of(up.group(1))));
            return "";
        }
        long until = System.nanoTime() + SOON.toNanos();
        while (true) {
            var output = new ArrayList<String>();
            int ended = bash(command, output);
            output.forEach(this::keep);
            boolean fits = OutputShape.fits(step.output(), output);
            if (ended == exit && fits) {
                return "";
            }
            if (!LOOKS.matcher(command).matches() || System.nanoTime() > until) {
                return "exit %d, expected%n  %s%nand printed%n  %s"
                        .formatted(ended, String.join("\n  ", step.output()), String.join("\n  ", output));
            }
            java.util.concurrent.locks.LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private String filledIn(String command) {
        String filled = command.replace("./mycelium", "mycelium").replace("/tmp/", scratch + "/");
        for (Map.Entry<String, String> one : printed.entrySet()) {
            filled = filled.replaceAll(
                    "(?<![\\w-])" + one.getKey() + "(?![\\w-])", Matcher.quoteReplacement(one.getValue()));
        }
        return filled;
    }

    private void keep(String line) {
        PRINTED.forEach((name, pattern) -> {
            Matcher found = pattern.matcher(line);
            if (found.find()) {
                printed.put(name, found.group());
            }
        });
    }

    private int bash(String command, List<String> output) throws Exception {
        Path out = Files.createTempFile(scratch, "out", "");
        var builder = new ProcessBuilder("bash", "-c", command)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("PATH", scratch.resolve("bin") + ":" + environment.get("PATH"));
        environment.put("HOME", home.toString());
        environment.put("MYCELIUM_HOME", home.resolve(".mycelium/node").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        String repository = System.getProperty("maven.repo.local");
        environment.put(
                "MAVEN_OPTS",
                "-XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
                        + (repository == null ? "" : " -Dmaven.repo.local=" + repository));
        environment.remove("JAVA_TOOL_OPTIONS");
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IllegalStateException("no end of " + command);
        }
        Files.readString(out, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replace(home.toString(), "~").replace(scratch + "/", "/tmp/"))
                .forEach(output::add);
        return process.exitValue();
    }

    /// Ends those that commands started in the background as well.
    @Override
    public void close() throws Exception {
        try (Stream<Path> files = Files.walk(scratch, 5)) {
            for (Path control :
                    files.filter(file -> file.endsWith("run/control")).toList()) {
                NodeControl.send(control.getParent().getParent(), "node", "stop");
                org.awaitility.Awaitility.await().atMost(SOON).until(() -> !Files.exists(control));
            }
        }
        for (NodeProcess node : nodes) {
            node.close();
        }
    }
}
