package network.mycelium.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.provider.RepositoryPublisher;

/// The core beside Apache Karaf minimal: both on a pseudo terminal, in turns, until the prompt appears; then
/// idle; then small bundles are loaded. Medians.
public final class CoreBench {
    private static final String KARAF = "KARAF";
    private static final int BOOTS = Integer.getInteger("boots", 7);
    private static final int LOADS = Integer.getInteger("loads", 100);
    private static final int INDEX = 1000;
    private static final int GROUP = 50;
    private static final int LARGE = 20_000_000;
    private static final long IDLE_MILLIS = 5_000;

    private final Path dist;
    private final Path karaf;
    private final String karafJava;
    private final Path work;
    private final Map<String, Metric> metrics = new LinkedHashMap<>();

    private CoreBench(Path dist, Path karaf, String karafJava, Path work) {
        this.dist = dist;
        this.karaf = karaf;
        this.karafJava = karafJava;
        this.work = work;
    }

    /// @param args distribution, unpacked Karaf or `-`, Java home for Karaf or `-`, `--json` or nothing
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("bench");
        var bench = new CoreBench(Path.of(args[0]), args[1].equals("-") ? null : Path.of(args[1]), args[2], work);
        bench.size();
        bench.boots();
        bench.loads();
        bench.resolve();
        bench.publishLarge();
        Metric.print(bench.metrics.values(), args.length > 3 && args[3].equals("--json"));
    }

    private Metric metric(String name, String unit) {
        return metrics.computeIfAbsent(name, n -> new Metric(n, unit));
    }

    private static double megabytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long bytes = 0;
            for (Path file : files.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                bytes += Files.size(file);
            }
            return bytes / 1e6;
        }
    }

    private void size() throws IOException {
        metric("distribution unpacked", "MB").ours(megabytes(dist));
        if (karaf != null) {
            metric("distribution unpacked", "MB").peer(KARAF, megabytes(karaf));
        }
    }

    private Terminal mycelium() throws IOException {
        return new Terminal(dist.resolve("mycelium") + " up --home " + work.resolve("home"), Map.of(), work);
    }

    private Terminal karaf() throws IOException {
        return new Terminal(karaf.resolve("bin/karaf") + "", Map.of("JAVA_HOME", karafJava), karaf);
    }

    private void boots() throws Exception {
        // The first boot of each fills caches and is not counted.
        for (int i = -1; i < BOOTS; i++) {
            boot(i < 0, true);
            if (karaf != null) {
                boot(i < 0, false);
            }
        }
    }

    private void boot(boolean warmUp, boolean ours) throws Exception {
        long start = System.nanoTime();
        try (Terminal terminal = ours ? mycelium() : karaf()) {
            terminal.await(ours ? "mycelium> " : "@root()> ");
            double millis = (System.nanoTime() - start) / 1e6;
            double cpu = terminal.cpuSeconds();
            Thread.sleep(IDLE_MILLIS);
            double idle = (terminal.cpuSeconds() - cpu) * 1000 / IDLE_MILLIS * 100;
            if (!warmUp) {
                add(ours, "boot to prompt", "ms", millis);
                add(ours, "boot CPU time", "ms", cpu * 1000);
                add(ours, "idle RSS", "MB", terminal.residentBytes() / 1e6);
                add(ours, "idle CPU after boot", "%", idle);
            }
        }
    }

    private void add(boolean ours, String name, String unit, double value) {
        if (ours) {
            metric(name, unit).ours(value);
        } else {
            metric(name, unit).peer(KARAF, value);
        }
    }

    /// The same jar of 4 KB in both, from the cache or the disk until its service is up: with the plan made and
    /// journalled on our side. Beside it the greeter, which is two bundles and a component of Declarative Services.
    private void loads() throws Exception {
        Path jar = PeerBundle.make(work.resolve("peer"));
        publish(List.of(jar), "peer");
        try (Terminal terminal = mycelium()) {
            terminal.await("mycelium> ");
            for (int i = -30; i < LOADS; i++) {
                load(terminal, PeerBundle.NAME, "1.0.0", i >= 0, "load from cache", "unload");
                load(terminal, "greeter", "0.1.0", i >= 0, "load greeter, two bundles", "unload greeter");
            }
        }
        if (karaf == null) {
            return;
        }
        try (Terminal terminal = karaf()) {
            terminal.await("@root()> ");
            for (int i = -30; i < LOADS; i++) {
                double load = typed(terminal, "bundle:install -s file:" + jar, "Bundle ID: ");
                terminal.await("@root()> ");
                double unload = typed(terminal, "bundle:uninstall " + PeerBundle.NAME, "@root()> ");
                if (i >= 0) {
                    metric("load from cache", "ms").peer(KARAF, load);
                    metric("unload", "ms").peer(KARAF, unload);
                }
            }
        }
    }

    private void load(Terminal terminal, String name, String version, boolean counts, String load, String unload)
            throws IOException, InterruptedException {
        double loaded = typed(terminal, "component load " + name, name + " " + version + " is loaded.");
        terminal.await("mycelium> ");
        double unloaded = typed(terminal, "component unload " + name, name + " is unloaded.");
        terminal.await("mycelium> ");
        if (counts) {
            metric(load, "ms").ours(loaded);
            metric(unload, "ms").ours(unloaded);
        }
    }

    private static double typed(Terminal terminal, String line, String until) throws IOException, InterruptedException {
        long start = System.nanoTime();
        terminal.type(line);
        terminal.await(until);
        return (System.nanoTime() - start) / 1e6;
    }

    private Path bundle(String name, Map<String, String> headers) throws IOException {
        Path jar = Files.createDirectories(work.resolve("jars")).resolve(name + ".jar");
        new JarOutputStream(Files.newOutputStream(jar), PeerBundle.manifest(name, headers)).close();
        return jar;
    }

    /// A thousand bundles in twenty groups, each importing from three before it in its group; what is asked for
    /// needs all fifty of its group. Cold: the first plan of a fresh process, typed at the first prompt or a second
    /// later, with reading, verifying and indexing, which the node begins by itself when it is up. Warm: the next
    /// plans.
    private void resolve() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i < INDEX; i++) {
            int inGroup = i % GROUP;
            var imports = new ArrayList<String>();
            for (int k : new int[] {1, 2, 7}) {
                if (k <= inGroup) {
                    imports.add("p" + (i - k) + ";version=\"[1,2)\"");
                }
            }
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("Export-Package", "p" + i + ";version=1.0");
            headers.put(
                    "Provide-Capability",
                    "mycelium.component;mycelium.component=\"n" + i + "\";version:Version=\"1.0\"");
            if (!imports.isEmpty()) {
                headers.put("Import-Package", String.join(",", imports));
            }
            jars.add(bundle("n" + i, headers));
        }
        publish(jars, "thousand");
        for (int run = 0; run < 10; run++) {
            boolean atOnce = run % 2 == 0;
            try (Terminal terminal = mycelium()) {
                terminal.await("mycelium> ");
                if (!atOnce) {
                    Thread.sleep(1000);
                }
                metric(atOnce ? "resolve in 1,000, cold, at the first prompt" : "resolve in 1,000, cold", "ms")
                        .ours(typed(terminal, "component plan load n999", "would restart"));
                for (int i = 0; i < 40; i++) {
                    terminal.await("mycelium> ");
                    double warm = typed(terminal, "component plan load n999", "would restart");
                    if (i >= 20) {
                        metric("resolve in 1,000, warm", "ms").ours(warm);
                    }
                }
            }
        }
    }

    /// Hashed, cut into chunks and hashed again by the node: what its JVM makes of code that runs long.
    private void publishLarge() throws Exception {
        try (Terminal terminal = mycelium()) {
            terminal.await("mycelium> ");
            for (int i = -2; i < 5; i++) {
                Path jar = PeerBundle.withPadding(work.resolve("large" + i), LARGE);
                double published = typed(
                        terminal,
                        "repo publish %s %s --key %s"
                                .formatted(work.resolve("larges" + i), jar, work.resolve("peer.key")),
                        "1.0.0");
                terminal.await("mycelium> ");
                if (i >= 0) {
                    metric("publish a bundle of 20 MB", "ms").ours(published);
                }
            }
        }
    }

    private void publish(List<Path> jars, String name) throws RepositoryException, IOException, InterruptedException {
        Path key = work.resolve(name + ".key");
        Path repository = work.resolve(name);
        var publisher = new RepositoryPublisher(work.resolve("archives"));
        String id = publisher.generateKey(key);
        publisher.publish(repository, key, jars);
        try (Terminal terminal = mycelium()) {
            terminal.await("mycelium> ");
            terminal.type("repo add " + repository + " --key " + id);
            terminal.await("SEQUENCE");
            terminal.await("mycelium> ");
        }
    }
}
