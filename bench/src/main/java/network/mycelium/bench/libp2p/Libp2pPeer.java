package network.mycelium.bench.libp2p;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.Ed25519Signatures;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.gossip.GossipService;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.protocols.Perf;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import network.mycelium.libp2p.signatures.NativeSignatures;
import org.json.JSONArray;
import org.json.JSONObject;

/// The project's own libp2p as a process that is told what to do, see `itests/peers/README.md`.
public final class Libp2pPeer {
    private static final String ECHO = "/echo/1.0.0";

    private final Swarm swarm;
    private final GossipService gossip;
    private final List<Swarm> others = new ArrayList<>();

    private Libp2pPeer() throws IOException {
        NodeKey key = key();
        swarm = swarm(key);
        gossip = new GossipService(swarm, swarm.book(), key, GossipConfig.DEFAULT, ScoreConfig.DEFAULT).start();
        swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        swarm.handle(Perf.PROTOCOL, Perf::answer);
        swarm.handle(ECHO, stream -> {
            byte[] buffer = new byte[16384];
            for (int n; (n = stream.read(buffer, 0, buffer.length)) >= 0; ) {
                stream.write(buffer, 0, n);
            }
        });
    }

    private static NodeKey key() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return new NodeKey(seed);
    }

    private static Swarm swarm(NodeKey key) {
        Limits wide = new Limits(100_000, 100_000, 1L << 30);
        return new Swarm(key, Settings.DEFAULT.with(wide, wide, 100_000, 100_000), new PeerBook()).start();
    }

    public static void main(String[] args) throws IOException {
        var peer = new Libp2pPeer();
        var addresses = new JSONArray();
        peer.swarm.addresses().forEach(a -> addresses.put(a.of(peer.swarm.id()).toString()));
        System.out.println(
                new JSONObject().put("peer", peer.swarm.id().toString()).put("addresses", addresses));
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = requests.readLine()) != null; ) {
            var request = new JSONObject(line);
            Thread.startVirtualThread(() -> {
                var answer = new JSONObject().put("id", request.getInt("id"));
                try {
                    answer.put("result", peer.act(request));
                } catch (Exception e) {
                    answer.put("error", String.valueOf(e));
                }
                System.out.println(answer);
            });
        }
        System.exit(0);
    }

    private Object act(JSONObject request) throws Exception {
        return switch (request.getString("do")) {
            case "connect" ->
                swarm.connect(Multiaddr.parse(request.getString("address")))
                        .peer()
                        .toString();
            case "ping" -> swarm.ping(peer(request), Duration.ofSeconds(10)).toNanos() / 1e6;
            case "perf" -> perf(request);
            case "roundtrips" -> roundTrips(request);
            case "streams" -> streams(request);
            case "connects" -> connects(request);
            case "idle" -> idle(request);
            case "usage" -> usage();
            case "subscribe" -> subscribe(request);
            case "mesh" -> mesh(request);
            case "echoTopic" -> echoTopic(request);
            case "gossip" -> gossip(request);
            case "nativeSignatures" -> nativeSignatures();
            default -> throw new IllegalArgumentException("no such verb: " + request.getString("do"));
        };
    }

    private static PeerId peer(JSONObject request) {
        return PeerId.parse(request.getString("peer"));
    }

    private static JSONObject since(long start) {
        return new JSONObject().put("seconds", (System.nanoTime() - start) / 1e9);
    }

    private JSONObject perf(JSONObject request) throws IOException {
        try (Stream stream = swarm.open(peer(request), Perf.PROTOCOL)) {
            long start = System.nanoTime();
            long came = Perf.run(stream, request.getLong("up"), request.getLong("down"));
            return since(start).put("came", came);
        }
    }

    private JSONObject roundTrips(JSONObject request) throws IOException {
        byte[] bytes = new byte[request.getInt("size")];
        try (Stream stream = swarm.open(peer(request), ECHO)) {
            long start = System.nanoTime();
            for (int i = 0; i < request.getInt("count"); i++) {
                stream.write(bytes, 0, bytes.length);
                stream.input().readNBytes(bytes, 0, bytes.length);
            }
            return since(start);
        }
    }

    private JSONObject streams(JSONObject request) throws IOException {
        byte[] bytes = new byte[request.getInt("size")];
        Connection connection = swarm.connect(peer(request), List.of());
        long start = System.nanoTime();
        for (int i = 0; i < request.getInt("count"); i++) {
            try (Stream stream = connection.open(ECHO)) {
                stream.write(bytes, 0, bytes.length);
                stream.closeWrite();
                stream.input().readNBytes(bytes, 0, bytes.length);
            }
        }
        return since(start);
    }

    private JSONObject connects(JSONObject request) throws IOException {
        Multiaddr address = Multiaddr.parse(request.getString("address"));
        long start = System.nanoTime();
        for (int i = 0; i < request.getInt("count"); i++) {
            swarm.connect(address).close();
            while (swarm.connection(address.peer().orElseThrow()).isPresent()) {
                Thread.onSpinWait();
            }
        }
        return since(start);
    }

    /// Connects from so many nodes, and leaves them connected.
    private JSONObject idle(JSONObject request) throws IOException {
        Multiaddr address = Multiaddr.parse(request.getString("address"));
        long start = System.nanoTime();
        for (int i = 0; i < request.getInt("count"); i++) {
            Swarm other = swarm(key());
            other.connect(address);
            others.add(other);
        }
        return since(start);
    }

    private JSONObject usage() throws IOException {
        if (!others.isEmpty() || !swarm.connections().isEmpty()) {
            System.gc();
        }
        var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long rss = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                rss = Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return new JSONObject()
                .put("cpu", os.getProcessCpuTime() / 1e9)
                .put("rss", rss)
                .put("connections", swarm.connections().size());
    }

    private JSONObject subscribe(JSONObject request) {
        gossip.join(request.getString("topic"));
        return new JSONObject();
    }

    private JSONArray mesh(JSONObject request) {
        var mesh = new JSONArray();
        gossip.topics().stream()
                .filter(t -> t.name().equals(request.getString("topic")))
                .forEach(t -> {
                    for (int i = 0; i < t.mesh(); i++) {
                        mesh.put(i);
                    }
                });
        return mesh;
    }

    /// As a node does when it loads the component of that name.
    private static String nativeSignatures() throws GeneralSecurityException {
        Provider provider = NativeSignatures.provider();
        Ed25519Signatures.use(provider);
        return provider.toString();
    }

    /// Answers each message on one topic with the same on another.
    private JSONObject echoTopic(JSONObject request) {
        Topic to = gossip.join(request.getString("to"));
        gossip.join(request.getString("from")).subscribe(message -> {
            if (message.via().isPresent()) {
                to.publish(message.data());
            }
        });
        return new JSONObject();
    }

    /// Publishes on one topic and counts the echoes on the other, with so many on their way at most.
    private JSONObject gossip(JSONObject request) throws Exception {
        int count = request.getInt("count");
        int window = request.getInt("window");
        long[] begins = new long[count];
        double[] millis = new double[count];
        var room = new Semaphore(window);
        try (Topic from = gossip.join(request.getString("from"));
                Topic to = gossip.join(request.getString("to"))) {
            to.subscribe(message -> {
                int i = ByteBuffer.wrap(message.data()).getInt();
                millis[i] = (System.nanoTime() - begins[i]) / 1e6;
                room.release();
            });
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                room.acquire();
                begins[i] = System.nanoTime();
                from.publish(
                        ByteBuffer.allocate(request.getInt("size")).putInt(i).array());
            }
            room.acquire(window);
            return since(start).put("millis", new JSONArray(millis));
        }
    }
}
