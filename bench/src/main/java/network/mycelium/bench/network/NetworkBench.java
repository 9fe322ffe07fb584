package network.mycelium.bench.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import network.mycelium.bench.Metric;
import network.mycelium.bench.network.NodeControl.Answer;
import org.json.JSONArray;
import org.json.JSONObject;

/// Networks of real nodes, each a process, on this machine: how long until they are made, joined, directed, loaded and
/// mended.
public final class NetworkBench {
    private static final int NODES = Integer.getInteger("nodes", 20);
    private static final int RUNS = 5;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final String READY = "ready in";

    private final Path dist;
    private final Path work = Files.createTempDirectory("bench");
    private final Map<String, Metric> metrics = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private String publisher;

    private record Node(Path home, Process process) {
        Answer send(String... words) throws IOException {
            return NodeControl.send(home, words);
        }
    }

    private NetworkBench(Path dist) throws IOException {
        this.dist = dist;
    }

    /// @param args distribution, `--json` or nothing
    public static void main(String[] args) throws Exception {
        var bench = new NetworkBench(Path.of(args[0]));
        try {
            bench.run();
        } finally {
            for (Node node : bench.nodes) {
                node.process.destroyForcibly();
            }
        }
        Metric.print(bench.metrics.values(), args.length > 1 && args[1].equals("--json"));
    }

    private void add(String name, String unit, double value) {
        metrics.computeIfAbsent(name, n -> new Metric(n, unit)).ours(value);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        await(what, 5, condition);
    }

    /// @param pauseMillis between two looks; long where a look asks many nodes, who have better to do
    private static void await(String what, int pauseMillis, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.call()) {
            if (System.nanoTime() > until) {
                throw new IOException("In vain waited for " + what);
            }
            Thread.sleep(pauseMillis);
        }
    }

    private Node boot(Path home) throws Exception {
        Path output = Files.createTempFile(work, "node", ".out");
        Process process = new ProcessBuilder(
                        dist.resolve("mycelium").toString(), "up", "--no-shell", "--home", home.toString())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        var node = new Node(home, process);
        nodes.add(node);
        await("the node " + home, () -> {
            if (!process.isAlive()) {
                throw new IOException(Files.readString(output));
            }
            return Files.readString(output).contains(READY);
        });
        await("its place on the network", () -> node.send("network", "members").exit() == 0);
        return node;
    }

    private void run() throws Exception {
        for (int i = 0; i < RUNS; i++) {
            long begin = System.nanoTime();
            Node alone = boot(work.resolve("alone" + i));
            alone.send("network", "init", "alone").ok();
            add("init to a working network, boot included", "s", seconds(begin));
            stop(alone);
        }
        Node founder = boot(work.resolve("founder"));
        founder.send("network", "init", "bench").ok();
        List<Node> members = new ArrayList<>(List.of(founder));
        String ticket = founder.send("network", "invite", "--uses", Integer.toString(NODES))
                .ok()
                .out()
                .strip();
        for (int i = 1; i < NODES; i++) {
            long begin = System.nanoTime();
            Node member = boot(work.resolve("node" + i));
            member.send("network", "join", ticket, "--name", "node" + i).ok();
            add("join by ticket, boot included", "s", seconds(begin));
            members.add(member);
            if (i == 1) {
                await("the two to hear each other", () -> alive(founder) == 2);
                large(founder, member);
            }
        }
        await("all members to be heard", () -> alive(founder) == NODES);
        direct(founder, members);
        death(founder, members);
        alone(members);
    }

    private static int alive(Node node) throws IOException {
        int alive = 0;
        for (Object report :
                new JSONArray(node.send("network", "nodes", "--json").ok().out())) {
            alive += ((JSONObject) report).getBoolean("alive") ? 1 : 0;
        }
        return alive;
    }

    private static boolean runs(Node node, String component) throws IOException {
        for (Object one :
                new JSONArray(node.send("component", "list", "--json").ok().out())) {
            JSONObject status = (JSONObject) one;
            if (status.getString("name").equals(component)
                    && status.getString("state").equals("ACTIVE")) {
                return true;
            }
        }
        return false;
    }

    private void publish(Node node, String component, int size) throws Exception {
        Path key = work.resolve("publisher.pem");
        if (publisher == null) {
            publisher = List.of(node.send("repo", "keygen", key.toString())
                            .ok()
                            .out()
                            .split("\\s+"))
                    .stream()
                    .filter(word -> word.startsWith("ed25519:"))
                    .findFirst()
                    .orElseThrow();
        }
        Path jar = work.resolve(component + ".jar");
        bundle(jar, component, size);
        Path repository = work.resolve("repository");
        node.send("repo", "publish", repository.toString(), jar.toString(), "--key", key.toString())
                .ok();
        node.send("network", "publish", repository.toString(), publisher).ok();
    }

    private static void bundle(Path jar, String component, int size) throws IOException {
        var manifest = new Manifest();
        var main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", "bench." + component);
        main.putValue("Bundle-Version", "1.0.0");
        main.putValue("Bundle-License", "MIT");
        main.putValue(
                "Provide-Capability",
                "mycelium.component;mycelium.component=\"%s\";version:Version=\"1.0.0\"".formatted(component));
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.setLevel(Deflater.NO_COMPRESSION);
            out.putNextEntry(new ZipEntry("noise"));
            out.write(noise);
        }
    }

    private void direct(Node founder, List<Node> members) throws Exception {
        for (int i = 0; i < RUNS; i++) {
            String component = "megabyte" + i;
            publish(founder, component, 1_000_000);
            long begin = System.nanoTime();
            founder.send("network", "direct", component).ok();
            List<Node> missing = new ArrayList<>(members);
            await(component + " everywhere", 100, () -> {
                for (Node node : List.copyOf(missing)) {
                    if (runs(node, component)) {
                        missing.remove(node);
                    }
                }
                return missing.isEmpty();
            });
            add("directive to running on %d nodes, 1 MB".formatted(NODES), "s", seconds(begin));
        }
    }

    private void large(Node founder, Node other) throws Exception {
        for (int i = 0; i < RUNS; i++) {
            String component = "large" + i;
            publish(founder, component, 5_000_000);
            await(
                    "the index",
                    () -> other.send("component", "plan", "load", component).exit() == 0);
            long begin = System.nanoTime();
            other.send("component", "load", component).ok();
            add("5 MB component from one peer until it runs", "ms", seconds(begin) * 1000);
        }
    }

    private void death(Node founder, List<Node> members) throws Exception {
        for (int i = 0; i < Math.min(3, members.size() - 3); i++) {
            String component = "megabyte0";
            founder.send("network", "direct", component, "--on", "3").ok();
            await("three to run it", () -> count(members, component) == 3);
            Node victim = members.stream()
                    .filter(node -> node != founder && runsQuietly(node, component))
                    .findFirst()
                    .orElseThrow();
            members.remove(victim);
            int before = alive(founder);
            long begin = System.nanoTime();
            victim.process.destroyForcibly();
            await("its death to be noticed", () -> alive(founder) == before - 1);
            add("a dead node noticed", "s", seconds(begin));
            await("its share elsewhere", 50, () -> count(members, component) == 3);
            add("its share running elsewhere", "s", seconds(begin));
        }
    }

    private static boolean runsQuietly(Node node, String component) {
        try {
            return runs(node, component);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int count(List<Node> members, String component) throws IOException {
        int count = 0;
        for (Node node : members) {
            count += runs(node, component) ? 1 : 0;
        }
        return count;
    }

    /// The last member boots when all others are gone.
    private void alone(List<Node> members) throws Exception {
        Node last = members.getLast();
        for (Node node : members) {
            stop(node);
        }
        for (int i = 0; i < RUNS; i++) {
            long begin = System.nanoTime();
            Node again = boot(last.home);
            await("its components", () -> runs(again, "megabyte1") && runs(again, "megabyte2"));
            add("reboot without any network until its components run", "s", seconds(begin));
            stop(again);
        }
    }

    private static void stop(Node node) throws InterruptedException {
        node.process.destroyForcibly();
        node.process.waitFor();
    }
}
