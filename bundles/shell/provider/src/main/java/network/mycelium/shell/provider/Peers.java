package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.Topic;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Json;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.TerminalText;

/// What the commands of scope `p2p` do on a node that is on the network.
record Peers(Host host, PubSub pubSub) {
    private static final int MAX_PINGS = 100;
    private static final Duration WAIT_FOR_FOLLOWERS = Duration.ofSeconds(2);

    Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "peers" -> a.has("--all") ? known() : connected();
            case "peer" -> info(infoOf(a));
            case "connect" -> connect(a);
            case "disconnect" -> disconnect(a.word(0, PeerId::parse));
            case "ping" -> ping(a);
            case "protocols" -> protocols(a);
            case "addresses" -> addresses();
            case "bandwidth" -> bandwidth();
            case "limits" -> limits();
            case "topics" -> topics();
            case "scores" -> scores();
            case "publish" -> publish(a);
            case "follow" -> follow(a, out);
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object connected() {
        Table table = Table.of("peer", "address", "direction", "security", "streams", "since", "agent");
        for (Connection c : connections()) {
            table.row(
                    c.peer(),
                    c.remote(),
                    c.outbound() ? "out" : "in",
                    c.security(),
                    c.streams().size(),
                    c.opened(),
                    host.peer(c.peer()).map(PeerInfo::agent).orElse(""));
        }
        return table;
    }

    private List<Connection> connections() {
        List<Connection> sorted = new ArrayList<>(host.connections());
        sorted.sort(Comparator.comparing(Connection::opened));
        return sorted;
    }

    private Object known() {
        Table table = Table.of("peer", "connected", "certified", "addresses", "agent");
        host.peers().stream()
                .sorted(Comparator.comparing(PeerInfo::seen).reversed())
                .forEach(p -> table.row(
                        p.id(), host.connection(p.id()).isPresent(), p.certified(), texts(p.addresses()), p.agent()));
        return table;
    }

    private static List<String> texts(List<Multiaddr> addresses) {
        return addresses.stream().map(Multiaddr::toString).toList();
    }

    private PeerInfo infoOf(Arguments arguments) {
        PeerId peer = arguments.word(0, PeerId::parse);
        return host.peer(peer)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Nothing is known of " + peer + "; `p2p peers --all` shows who is known."));
    }

    private Object info(PeerInfo info) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("peer", info.id().toString());
        values.put("connected", host.connection(info.id()).isPresent());
        values.put("agent", info.agent());
        values.put("last seen", Optional.of(info.seen()).filter(seen -> !seen.equals(Instant.EPOCH)));
        values.put("addresses", texts(info.addresses()));
        values.put("certified", info.certified());
        values.put("protocols", List.copyOf(info.protocols()).stream().sorted().toList());
        return Table.single(values);
    }

    private Object connect(Arguments arguments) throws IOException {
        Connection connection = arguments.word(0).startsWith("/")
                ? host.connect(arguments.word(0, Multiaddr::parse))
                : host.connect(arguments.word(0, PeerId::parse), List.of());
        return "Connected to %s at %s.".formatted(connection.peer(), connection.remote());
    }

    private Object disconnect(PeerId peer) {
        if (!host.disconnect(peer)) {
            throw new IllegalArgumentException("There is no connection to " + peer + "; `p2p peers` shows them.");
        }
        return "Disconnected from " + peer + ".";
    }

    private Object ping(Arguments arguments) throws Exception {
        PeerId peer = arguments.word(0, PeerId::parse);
        Table table = Table.of("ping", "milliseconds");
        int count = Math.clamp(arguments.number("--count", 3), 1, MAX_PINGS);
        for (int i = 1; i <= count; i++) {
            double millis = host.ping(peer, Duration.ofSeconds(10)).toNanos() / 1e6;
            table.row(i, Math.round(millis * 1000) / 1000.0);
        }
        return table;
    }

    private Object protocols(Arguments arguments) {
        Table table = Table.of("protocol");
        var names = arguments.words().isEmpty()
                ? host.protocols()
                : infoOf(arguments).protocols();
        names.stream().sorted().forEach(table::row);
        return table;
    }

    private Object addresses() {
        Table table = Table.of("address");
        host.addresses().forEach(a -> table.row(a.of(host.id()).toString()));
        return table;
    }

    private Object bandwidth() {
        Table table = Table.of("peer", "bytes in", "bytes out", "since");
        connections().forEach(c -> table.row(c.peer(), c.bytesIn(), c.bytesOut(), c.opened()));
        return table;
    }

    private Object limits() {
        Table table = Table.of("scope", "resource", "used", "limit", "refused");
        host.limits()
                .forEach((scope, resources) -> resources.forEach(
                        (resource, usage) -> table.row(scope, resource, usage.used(), usage.limit(), usage.refused())));
        return table;
    }

    private Object topics() {
        Table table = Table.of("topic", "mesh", "peers", "delivered", "duplicates", "rejected");
        pubSub.topics()
                .forEach(t -> table.row(t.name(), t.mesh(), t.peers(), t.delivered(), t.duplicates(), t.rejected()));
        return table;
    }

    private Object scores() {
        Table table = Table.of("peer", "score");
        pubSub.scores().forEach(s -> table.row(s.peer(), Math.round(s.score() * 100) / 100.0));
        return table;
    }

    /// A node that does not follow the topic joins for this message and leaves again.
    private Object publish(Arguments arguments) throws InterruptedException {
        try (Topic topic = pubSub.join(arguments.word(0))) {
            long until = System.nanoTime() + WAIT_FOR_FOLLOWERS.toNanos();
            while (topic.peers().isEmpty() && System.nanoTime() < until) {
                Thread.sleep(10);
            }
            topic.publish(arguments.word(1).getBytes(StandardCharsets.UTF_8));
            return "Published to %d peers that follow %s."
                    .formatted(topic.peers().size(), topic.name());
        }
    }

    private Object follow(Arguments arguments, PrintStream out) throws Exception {
        int seconds = Math.clamp(arguments.number("--seconds", 60), 1, 86_400);
        var left = new CountDownLatch(Math.clamp(arguments.number("--count", Integer.MAX_VALUE), 1, Integer.MAX_VALUE));
        try (Topic topic = pubSub.join(arguments.word(0))) {
            topic.subscribe(message -> {
                String text = new String(message.data(), StandardCharsets.UTF_8);
                out.println(
                        arguments.has("--json")
                                ? Json.write(Map.of("from", message.from(), "text", text))
                                : message.from() + " " + TerminalText.line(text));
                out.flush();
                left.countDown();
            });
            left.await(seconds, TimeUnit.SECONDS);
        }
        return null;
    }
}
