package network.mycelium.bench.libp2p;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import network.mycelium.bench.Metric;
import org.json.JSONArray;
import org.json.JSONObject;

/// This libp2p beside js-libp2p and go-libp2p, each with both ends in processes of their own, one after the other.
public final class Libp2pBench {
    private static final int WARM_UP = 4;
    private static final int RUNS = 5;
    private static final int MESH = 10;
    private static final String NODE_HEAP = "96m";
    private static final String ECHOES = "gossip echoes";
    private static final String NATIVE_ECHOES = ECHOES + ", native signatures";

    private final Path checkout;
    private final Path work;
    private final Map<String, Metric> metrics = new LinkedHashMap<>();

    private enum Implementation {
        MYCELIUM,
        JS,
        GO;

        boolean isOurs() {
            return this == MYCELIUM;
        }

        /// For what js would take too long for.
        int count(int quick, int slow) {
            return this == JS ? slow : quick;
        }
    }

    private Libp2pBench(Path checkout) throws IOException {
        this.checkout = checkout;
        this.work = Files.createTempDirectory("bench");
    }

    /// Arguments: the checkout, then `--json` for one JSON object instead of a table.
    public static void main(String[] args) throws Exception {
        Path checkout = Path.of(args[0]);
        var bench = new Libp2pBench(checkout);
        bench.pairs(Implementation.MYCELIUM);
        if (PeerProcess.hasJs(checkout)) {
            bench.peer(Implementation.JS);
        } else {
            System.err.println("mycelium: js-libp2p is not installed (npm is missing?): measuring without it");
        }
        if (PeerProcess.hasGo(checkout)) {
            bench.peer(Implementation.GO);
        } else {
            System.err.println("mycelium: go-libp2p is not built (go is missing?): measuring without it");
        }
        Metric.print(bench.metrics.values(), List.of(args).contains("--json"));
    }

    /// What a peer fails at does not take away what was measured.
    private void peer(Implementation of) throws Exception {
        try {
            pairs(of);
        } catch (IOException e) {
            System.err.println(
                    "mycelium: " + of + " did not get to its end, its figures are incomplete: " + e.getMessage());
        }
    }

    private PeerProcess start(Implementation of) throws IOException {
        return start(of, NODE_HEAP);
    }

    /// With the flags of a node, but that the native heap is trimmed more often, so that its size stands still sooner.
    private PeerProcess start(Implementation of, String heap) throws IOException {
        Path errors = Files.createTempFile(work, "peer", ".log");
        if (!of.isOurs()) {
            return of == Implementation.JS
                    ? PeerProcess.js(checkout, "noise", errors)
                    : PeerProcess.go(checkout, "noise", "ed25519", errors);
        }
        String java = ProcessHandle.current().info().command().orElseThrow();
        return PeerProcess.start(
                List.of(
                        java,
                        "@" + checkout.resolve("minimal-core/distribution/src/main/dist/jvm.options"),
                        "-Xmx" + heap,
                        "-XX:TrimNativeHeapInterval=1000",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "network.mycelium.bench.libp2p.Libp2pPeer"),
                work,
                errors);
    }

    private void add(Implementation of, String name, String unit, double value) {
        Metric metric = metrics.computeIfAbsent(name, n -> new Metric(n, unit));
        if (of.isOurs()) {
            metric.ours(value);
        } else {
            metric.peer(of.name(), value);
        }
    }

    private interface Scenario {
        void run(PeerProcess server, PeerProcess client) throws IOException;
    }

    private void pair(Implementation of, Scenario scenario) throws IOException {
        try (PeerProcess server = start(of);
                PeerProcess client = start(of)) {
            scenario.run(server, client);
        }
    }

    private void pairs(Implementation of) throws Exception {
        pair(of, (server, client) -> throughput(of, server, client));
        pair(of, (server, client) -> requests(of, server, client));
        pair(of, (server, client) -> connects(of, server, client));
        pair(of, (server, client) -> gossip(of, server, client, ECHOES));
        if (of.isOurs()) {
            pair(of, this::nativeGossip);
        }
        mesh(of);
        if (of.isOurs()) {
            idle();
        }
    }

    private static double cpu(PeerProcess a, PeerProcess b) throws IOException {
        return a.askObject("usage").getDouble("cpu") + b.askObject("usage").getDouble("cpu");
    }

    private void throughput(Implementation of, PeerProcess server, PeerProcess client) throws IOException {
        client.ask("connect", "address", server.address());
        long bytes = of.count(1_000_000_000, 100_000_000);
        for (int i = 0; i < WARM_UP + RUNS; i++) {
            double before = cpu(server, client);
            double up = client.askObject("perf", "peer", server.id(), "up", bytes, "down", 0)
                    .getDouble("seconds");
            double used = cpu(server, client) - before;
            double down = client.askObject("perf", "peer", server.id(), "up", 0, "down", bytes)
                    .getDouble("seconds");
            if (i >= WARM_UP) {
                add(of, "Noise + yamux, one stream, up", "MB/s", bytes / 1e6 / up);
                add(of, "CPU of both ends", "s/GB", used * 1e9 / bytes);
                add(of, "Noise + yamux, one stream, down", "MB/s", bytes / 1e6 / down);
            }
        }
        add(
                of,
                "RSS under load, the larger end",
                "MB",
                Math.max(
                                server.askObject("usage").getDouble("rss"),
                                client.askObject("usage").getDouble("rss"))
                        / 1e6);
    }

    private void requests(Implementation of, PeerProcess server, PeerProcess client) throws IOException {
        client.ask("connect", "address", server.address());
        int trips = of.count(20_000, 5_000);
        int streams = of.count(5_000, 1_000);
        for (int i = 0; i < WARM_UP + RUNS; i++) {
            double seconds = client.askObject("roundtrips", "peer", server.id(), "count", trips, "size", 128)
                    .getDouble("seconds");
            double each = client.askObject("streams", "peer", server.id(), "count", streams, "size", 128)
                    .getDouble("seconds");
            if (i >= WARM_UP) {
                add(of, "round trips, 128 B, one stream", "/s", trips / seconds);
                add(of, "new stream per request", "/s", streams / each);
            }
        }
    }

    private void connects(Implementation of, PeerProcess server, PeerProcess client) throws IOException {
        int count = of.count(1_000, 300);
        for (int i = 0; i < WARM_UP + RUNS; i++) {
            double seconds = client.askObject("connects", "address", server.address(), "count", count)
                    .getDouble("seconds");
            if (i >= WARM_UP) {
                add(of, "Noise connections, sequential", "/s", count / seconds);
            }
        }
    }

    private static List<Double> sorted(JSONObject result) {
        return StreamSupport.stream(result.getJSONArray("millis").spliterator(), false)
                .map(n -> ((Number) n).doubleValue())
                .sorted()
                .toList();
    }

    private static void awaitMesh(PeerProcess peer, String topic, int size) throws IOException {
        long until = System.nanoTime() + 60_000_000_000L;
        while (((JSONArray) peer.ask("mesh", "topic", topic)).length() < size) {
            if (System.nanoTime() > until) {
                throw new IOException("No mesh of " + size + " for " + topic);
            }
            Thread.onSpinWait();
        }
    }

    private void nativeGossip(PeerProcess server, PeerProcess client) throws IOException {
        server.ask("nativeSignatures");
        client.ask("nativeSignatures");
        gossip(Implementation.MYCELIUM, server, client, NATIVE_ECHOES);
    }

    private void gossip(Implementation of, PeerProcess server, PeerProcess client, String name) throws IOException {
        server.ask("echoTopic", "from", "ask", "to", "answer");
        server.ask("subscribe", "topic", "answer");
        client.ask("subscribe", "topic", "ask");
        client.ask("subscribe", "topic", "answer");
        client.ask("connect", "address", server.address());
        awaitMesh(client, "ask", 1);
        awaitMesh(server, "answer", 1);
        int count = of.count(10_000, 1_000);
        for (int i = 0; i < WARM_UP + RUNS; i++) {
            JSONObject result = client.askObject(
                    "gossip", "from", "ask", "to", "answer", "count", count, "size", 128, "window", 16);
            if (i >= WARM_UP) {
                double echoes = count / result.getDouble("seconds");
                add(of, name, "/s", echoes);
                if (!of.isOurs()) {
                    add(of, NATIVE_ECHOES, "/s", echoes);
                }
            }
        }
    }

    /// Ten nodes in a ring with chords: one asks, the farthest answers.
    private void mesh(Implementation of) throws IOException {
        List<PeerProcess> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < MESH; i++) {
                PeerProcess node = start(of);
                nodes.add(node);
                if (i == MESH / 2) {
                    node.ask("echoTopic", "from", "ask", "to", "answer");
                }
                node.ask("subscribe", "topic", "ask");
                node.ask("subscribe", "topic", "answer");
            }
            for (int i = 0; i < MESH; i++) {
                nodes.get(i).ask("connect", "address", nodes.get((i + 1) % MESH).address());
                nodes.get(i).ask("connect", "address", nodes.get((i + 3) % MESH).address());
            }
            for (PeerProcess node : nodes) {
                awaitMesh(node, "ask", 2);
                awaitMesh(node, "answer", 2);
            }
            for (int i = 0; i < WARM_UP + RUNS; i++) {
                List<Double> millis = sorted(nodes.getFirst()
                        .askObject("gossip", "from", "ask", "to", "answer", "count", 300, "size", 128, "window", 1));
                if (i >= WARM_UP) {
                    // There and back is two deliveries.
                    add(of, "gossip delivery in a mesh of 10, p50", "ms", millis.get(millis.size() / 2) / 2);
                    add(of, "gossip delivery in a mesh of 10, p99", "ms", millis.get(millis.size() * 99 / 100) / 2);
                }
            }
        } finally {
            for (PeerProcess node : nodes) {
                node.close();
            }
        }
    }

    private void idle() throws IOException, InterruptedException {
        int count = 2_000;
        try (PeerProcess server = start(Implementation.MYCELIUM);
                // Two thousand nodes in one process.
                PeerProcess client = start(Implementation.MYCELIUM, "512m")) {
            client.ask("idle", "address", server.address(), "count", 50);
            double before = settledRss(server);
            client.ask("idle", "address", server.address(), "count", count);
            double after = settledRss(server);
            int open = server.askObject("usage").getInt("connections");
            if (open != count + 50) {
                throw new IOException("Only " + open + " connections are open");
            }
            add(Implementation.MYCELIUM, "RSS per idle connection of 2,000", "KB", (after - before) / 1e3 / count);
        }
    }

    /// Once it has not changed by a hundredth for three seconds: what the compiler borrowed is given back by then.
    private static double settledRss(PeerProcess peer) throws IOException, InterruptedException {
        double last = peer.askObject("usage").getDouble("rss");
        while (true) {
            Thread.sleep(3000);
            double now = peer.askObject("usage").getDouble("rss");
            if (Math.abs(now - last) < last / 100) {
                return now;
            }
            last = now;
        }
    }
}
