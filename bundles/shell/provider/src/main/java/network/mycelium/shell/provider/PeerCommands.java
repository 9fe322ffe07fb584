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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.mycelium.identity.Member.Access;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.PubSub;
import network.mycelium.libp2p.Topic;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// `p2p:` this node among its peers.
@Component(service = PeerCommands.class, immediate = true)
public final class PeerCommands {
    private static final int MAX_PINGS = 100;
    private static final Duration WAIT_FOR_FOLLOWERS = Duration.ofSeconds(2);

    private final Host host;
    private final PubSub pubSub;
    private final CommandGroup group;

    @Activate
    public PeerCommands(BundleContext context, @Reference Host host, @Reference PubSub pubSub) {
        this.host = host;
        this.pubSub = pubSub;
        this.group = new CommandGroup(
                        "p2p",
                        this::run,
                        List.of(
                                ShellCommand.of("peers", "[--all]", "Connected peers, or all that are known", 0, 0)
                                        .flags("--all"),
                                ShellCommand.of("peer", "PEER", "What is known of a peer", 1, 1),
                                ShellCommand.of("connect", "ADDRESS/p2p/PEER | PEER", "Connect to a peer", 1, 1),
                                ShellCommand.of("disconnect", "PEER", "Close the connections to a peer", 1, 1),
                                ShellCommand.of("ping", "PEER [--count N]", "Measure round trips", 1, 1)
                                        .valued("--count"),
                                ShellCommand.of("protocols", "[PEER]", "What this node, or a peer, offers", 0, 1),
                                ShellCommand.of("addresses", "", "Where this node listens", 0, 0),
                                ShellCommand.of("bandwidth", "", "Bytes of each connection", 0, 0),
                                ShellCommand.of("limits", "", "What is used of each limit", 0, 0),
                                ShellCommand.of("topics", "", "Topics that this node follows", 0, 0),
                                ShellCommand.of("scores", "", "How peers behave in gossip", 0, 0),
                                ShellCommand.of("publish", "TOPIC TEXT", "Publish a text on a topic", 2, 2),
                                ShellCommand.of(
                                                "follow",
                                                "TOPIC [--seconds N] [--count N]",
                                                "Print a topic's messages",
                                                1,
                                                1)
                                        .valued("--seconds", "--count")))
                .allow(
                        Access.READ_ONLY,
                        "peers",
                        "peer",
                        "protocols",
                        "addresses",
                        "bandwidth",
                        "limits",
                        "topics",
                        "scores")
                .allow(Access.LIMITED, "ping", "follow")
                .allow(Access.STANDARD, "connect")
                .usesKey("publish")
                .register(context);
    }

    private Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "peers" -> a.has("--all") ? known() : connected();
            case "peer" -> info(a.word(0));
            case "connect" -> connect(a.word(0));
            case "disconnect" -> disconnect(a.word(0));
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

    @Deactivate
    void deactivate() {
        group.close();
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
                    seconds(c.opened()),
                    host.peer(c.peer()).map(PeerInfo::agent).orElse(""));
        }
        return table;
    }

    private List<Connection> connections() {
        List<Connection> sorted = new ArrayList<>(host.connections());
        sorted.sort(Comparator.comparing(Connection::opened));
        return sorted;
    }

    private static String seconds(Instant since) {
        return Duration.between(since, Instant.now()).toSeconds() + " s";
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

    private PeerInfo infoOf(String peer) {
        return host.peer(PeerId.parse(peer))
                .orElseThrow(() -> new IllegalArgumentException(
                        "Nothing is known of " + peer + "; `p2p peers --all` shows who is known."));
    }

    private Object info(String peer) {
        PeerInfo info = infoOf(peer);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("peer", info.id().toString());
        values.put("connected", host.connection(info.id()).isPresent());
        values.put("agent", info.agent());
        values.put(
                "last seen",
                info.seen().equals(Instant.EPOCH) ? "never" : info.seen().toString());
        values.put("addresses", texts(info.addresses()));
        values.put("certified", info.certified());
        values.put("protocols", List.copyOf(info.protocols()).stream().sorted().toList());
        return Table.single(values);
    }

    private Object connect(String target) throws IOException {
        Connection connection = target.startsWith("/")
                ? host.connect(Multiaddr.parse(target))
                : host.connect(PeerId.parse(target), List.of());
        return "Connected to %s at %s.".formatted(connection.peer(), connection.remote());
    }

    private Object disconnect(String peer) {
        if (!host.disconnect(PeerId.parse(peer))) {
            throw new IllegalArgumentException("There is no connection to " + peer + "; `p2p peers` shows them.");
        }
        return "Disconnected from " + peer + ".";
    }

    private Object ping(Arguments arguments) throws Exception {
        PeerId peer = PeerId.parse(arguments.word(0));
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
                : infoOf(arguments.word(0)).protocols();
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
        connections().forEach(c -> table.row(c.peer(), c.bytesIn(), c.bytesOut(), seconds(c.opened())));
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
                out.println(
                        message.from() + " " + TerminalText.line(new String(message.data(), StandardCharsets.UTF_8)));
                out.flush();
                left.countDown();
            });
            left.await(seconds, TimeUnit.SECONDS);
        }
        return null;
    }
}
