package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whatever file of its home is damaged, in whatever way, a node comes up with a shell that can mend it; the one
/// exception is the key that may sign its core, and the lock that a node of another user may hold, for which it says in
/// one line why it does not start. Nodes run as an unprivileged user, for root may read and write anything.
///
/// The ordinary run takes a sample of files and damages, by its seed; `-Psoak` takes all.
@Timeout(value = 30, unit = java.util.concurrent.TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DamagedHomeIT {
    private static final String NODES_USER = "65534";
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private static Path temp;
    private static Path origin;
    private static List<String> asUser = List.of();

    /// One of the combinations.
    private record Case(String file, Damage damage) {}

    @BeforeAll
    static void live() throws Exception {
        temp = Files.createTempDirectory("damaged");
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        if (ROOT) {
            asUser = List.of("setpriv", "--reuid=" + NODES_USER, "--regid=" + NODES_USER, "--clear-groups");
        }
        origin = Files.createDirectories(temp.resolve("origin"));
        own(origin);
        var node = NodeProcess.launch(asUser, Core.dist(), origin).awaitReady();
        try {
            Path jars = Files.createDirectories(temp.resolve("jars"));
            Path a = TestBundle.named("d.a", "1.0.0")
                    .component("a")
                    .service("a", "one")
                    .write(jars);
            Path b = TestBundle.named("d.b", "1.0.0")
                    .component("b")
                    .service("b", "one")
                    .write(jars);
            own(jars);
            String repository = temp.resolve("origin/offered").toString();
            String key = temp.resolve("origin/publisher.pem").toString();
            node.send("repo", "keygen", key).ok();
            node.send("repo", "publish", repository, a.toString(), b.toString(), "--key", key)
                    .ok();
            node.send("repo", "add", repository, "--unsigned").ok();
            node.send("component", "load", "a").ok();
            node.send("component", "load", "b").ok();
            await().atMost(SOON)
                    .until(() -> node.send("network", "init", "test").exit() == 0);
            node.send("network", "direct", "a").ok();
            node.send("node", "config", "network.mycelium.component", "linger.millis=50000")
                    .ok();
            node.send("node", "config", "network.mycelium.repository.cache", "retention.hours=700")
                    .ok();
            node.send("component", "pin", "a").ok();
            node.send("component", "history").ok();
        } finally {
            node.terminate();
        }
    }

    @AfterAll
    static void remove() throws Exception {
        delete(temp);
    }

    private static void own(Path path) throws Exception {
        if (ROOT) {
            run("chown", "-R", NODES_USER + ":" + NODES_USER, path.toString());
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private static void delete(Path path) throws IOException, InterruptedException {
        run("rm", "-rf", path.toString());
    }

    /// What the node keeps; of the caches that it makes again a sample.
    private static List<String> files() throws IOException {
        List<String> files = new ArrayList<>();
        int cached = 0;
        try (Stream<Path> all = Files.walk(origin)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = origin.relativize(file).toString();
                boolean offered = name.startsWith("offered") || name.equals("publisher.pem");
                if (!offered && !name.startsWith("work/") && (!name.startsWith("cache/") || cached++ % 2 == 0)) {
                    files.add(name);
                }
            }
        }
        return files;
    }

    private static List<Case> cases(Random random) throws IOException {
        List<String> files = files();
        List<Case> all = new ArrayList<>();
        for (String file : files) {
            for (Damage damage : Damage.values()) {
                if (ROOT || damage != Damage.OWNED_BY_ANOTHER) {
                    all.add(new Case(file, damage));
                }
            }
        }
        int sample = Seeds.rounds("damages", 40);
        Collections.shuffle(all, random);
        // Each file before any a second time.
        List<Case> taken = new ArrayList<>();
        List<Case> more = new ArrayList<>();
        for (Case one : all) {
            boolean known = taken.stream().anyMatch(t -> t.file.equals(one.file));
            (known ? more : taken).add(one);
        }
        taken.addAll(more);
        return taken.subList(0, Math.min(sample, taken.size()));
    }

    @Test
    void whatever_is_damaged_the_node_comes_up_and_can_be_mended() throws Exception {
        long seed = Seeds.seed("DamagedHomeIT");
        List<Case> cases = cases(new Random(seed));
        long begun = System.nanoTime();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        try (var two = Executors.newFixedThreadPool(2)) {
            List<Callable<Void>> all = new ArrayList<>();
            for (Case one : cases) {
                all.add(() -> {
                    String failure = failure(one, new Random(seed ^ one.hashCode()));
                    if (!failure.isEmpty()) {
                        failures.add(one + ": " + failure);
                    }
                    return null;
                });
            }
            for (Future<Void> done : two.invokeAll(all)) {
                done.get();
            }
        }
        System.out.printf(
                "%d damages of %d files in %.0f s%n", cases.size(), files().size(), (System.nanoTime() - begun) / 1e9);
        assertThat(failures).as("seed %d", seed).isEmpty();
    }

    /// @return what is wrong, or empty
    private static String failure(Case one, Random random) throws Exception {
        Path home = temp.resolve("case-" + Integer.toHexString(one.hashCode()));
        run("cp", "-a", origin.toString(), home.toString());
        one.damage.apply(
                home.resolve(one.file),
                random,
                home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ROOT ? "root" : "nobody"));
        try (var node = NodeProcess.launch(asUser, Core.dist(), home)) {
            String failure = answer(node, one);
            if (failure.isEmpty()) {
                // What it still writes would be in the way.
                node.kill();
                delete(home);
            }
            return failure;
        }
    }

    private static String answer(NodeProcess node, Case one) throws Exception {
        long deadline = System.nanoTime() + SOON.toNanos();
        String last = "";
        while (System.nanoTime() < deadline) {
            if (!node.isAlive()) {
                return refusal(node, one);
            }
            try {
                var status = node.send("node", "status");
                var list = node.send("component", "list");
                last = status.err() + list.err();
                if (status.exit() == 0 && list.exit() == 0) {
                    return list.out().contains("b ") || mayLose(one) ? "" : "lost component b: " + list.out();
                }
            } catch (IOException e) {
                last = e.toString();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
        return "no answer: " + last + node.output();
    }

    /// With no record left of it, a component cannot come back.
    private static boolean mayLose(Case one) {
        return one.file.startsWith("state/components.journal");
    }

    private static String refusal(NodeProcess node, Case one) throws Exception {
        String output = node.output();
        boolean mayRefuse = one.file.equals("state/core.pub")
                || (one.file.equals("run/lock") && one.damage == Damage.OWNED_BY_ANOTHER);
        if (!mayRefuse) {
            return "it ended with " + node.awaitExit() + ": " + output;
        }
        boolean clear = output.strip().lines().count() == 1
                && output.contains(Path.of(one.file).getFileName().toString());
        boolean told = output.contains("trusts") || clear;
        return told ? "" : "it refuses with: " + output;
    }

    private static NodeProcess copyWith(String name, String file, byte[] content) throws Exception {
        Path home = temp.resolve(name);
        run("cp", "-a", origin.toString(), home.toString());
        if (file != null) {
            Files.write(home.resolve(file), content);
        }
        return NodeProcess.launch(asUser, Core.dist(), home);
    }

    @Test
    void a_journal_of_another_format_is_kept_and_nothing_is_written_over_it() throws Exception {
        byte[] other = "MYCSETS7 what a later version wrote".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (var node = copyWith("format", "state/components.journal", other).awaitReady()) {
            assertThat(node.send("component", "list").ok().out()).doesNotContain("d.a");
            assertThat(node.send("component", "load", "b").err()).contains("format that this version does not know");
            assertThat(Files.readAllBytes(node.home.resolve("state/components.journal")))
                    .isEqualTo(other);
            assertThat(Files.readString(node.home.resolve("log/node.0.log")))
                    .contains("move it away, start the node again");
        }
    }

    @Test
    void without_its_key_a_node_says_at_each_command_that_needs_the_network_what_is_wrong() throws Exception {
        byte[] torn = "torn".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (var node = copyWith("key", "state/node.key", torn).awaitReady()) {
            for (String line : List.of(
                    "p2p peers", "p2p addresses", "p2p publish news hello", "network members", "network join x")) {
                var answer = node.send(line.split(" "));
                assertThat(answer.exit()).as(line).isEqualTo(1);
                assertThat(answer.err())
                        .as(line)
                        .contains(
                                "This node is not on the network:",
                                "node.key",
                                "Put the right file back",
                                "node restart");
                var json = node.send((line + " --json").split(" "));
                assertThat(new org.json.JSONObject(json.err()).getString("error"))
                        .contains("This node is not on the network");
            }
            assertThat(node.send("help", "p2p").ok().out()).contains("p2p:connect", "p2p:ping");
            assertThat(node.send("p2p", "ping", "--help").ok().out()).contains("Usage: p2p:ping PEER");
            assertThat(node.send("p2p", "nosuch").exit()).isEqualTo(64);
            assertThat(node.send("node", "diagnostics").ok().out()).contains("this node is not on the network");
            assertThat(node.send("node", "log", "--level", "ERROR").ok().out())
                    .contains("node.key")
                    .doesNotContain(" INFO ");
            assertThat(node.send("node", "log", "--level", "loud").exit()).isEqualTo(64);
            assertThat(node.send("component", "list").ok().out()).contains("b ");
        }
    }

    /// A that uses a package of B if it is there is wired to it by a restart alone.
    @Test
    void a_component_that_another_came_to_use_can_be_unloaded() throws Exception {
        Path home = Files.createDirectories(temp.resolve("optional"));
        Path jars = Files.createDirectories(temp.resolve("optional-jars"));
        TestBundle.named("o.user", "1.0.0")
                .component("user")
                .add("Import-Package", "o.lib;resolution:=optional")
                .write(jars);
        TestBundle.named("o.lib", "1.0.0")
                .component("lib")
                .add("Export-Package", "o.lib")
                .source("o.lib.Thing", "package o.lib; public class Thing {}")
                .write(jars);
        own(home);
        own(jars);
        try (var node = NodeProcess.launch(asUser, Core.dist(), home).awaitReady()) {
            String key = home.resolve("publisher.pem").toString();
            String repository = home.resolve("offered").toString();
            node.send("repo", "keygen", key).ok();
            node.send(
                            "repo",
                            "publish",
                            repository,
                            jars.resolve("o.user-1.0.0.jar").toString(),
                            jars.resolve("o.lib-1.0.0.jar").toString(),
                            "--key",
                            key)
                    .ok();
            node.send("repo", "add", repository, "--unsigned").ok();
            node.send("component", "load", "user").ok();
            node.send("component", "load", "lib").ok();
            node.kill();
        }
        for (int boot = 0; boot < 2; boot++) {
            try (var node = NodeProcess.launch(asUser, Core.dist(), home).awaitReady()) {
                if (boot == 0) {
                    node.send("component", "unload", "lib").ok();
                }
                assertThat(node.send("component", "list").ok().out())
                        .contains("user")
                        .contains("ACTIVE");
                node.kill();
            }
        }
    }

    @Test
    void a_home_that_was_open_to_others_is_closed() throws Exception {
        Path home = temp.resolve("open");
        run("cp", "-a", origin.toString(), home.toString());
        run("chmod", "-R", "a+rX", home.toString());
        try (var node = NodeProcess.launch(asUser, Core.dist(), home).awaitReady()) {
            assertThat(node.send("node", "status").exit()).isZero();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                    .isEqualTo("rwx------");
            try (Stream<Path> all = Files.walk(home.resolve("state"))) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .endsWith("------");
                }
            }
            assertThat(Files.readString(home.resolve("log/node.0.log"))).contains("it is closed to them now");
        }
    }
}
