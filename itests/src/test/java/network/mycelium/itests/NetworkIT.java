package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.mycelium.itests.NodeProcess.Answer;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceRegistration;

/// The node on the network: services in a real Felix, and two nodes steered from their shells.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkIT {
    private static final String GREET = "/greet/1.0.0";

    @TempDir
    Path temp;

    private static String ask(Stream stream) throws Exception {
        try (stream) {
            stream.closeWrite();
            return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_handler_and_a_gate_work_as_long_as_they_are_registered() throws Exception {
        try (var core = Core.startOnNetwork(temp.resolve("home"));
                var peer = new Swarm(new NodeKey(new byte[32]), Settings.DEFAULT, new PeerBook()).start()) {
            Host host = core.service(Host.class);
            PeerId id = host.id();
            var connection = peer.connect(id, loopback(host));
            var properties = new Hashtable<>(Map.of(ProtocolHandler.PROTOCOL, GREET));
            ProtocolHandler handler = stream -> stream.output().write("hello".getBytes(StandardCharsets.UTF_8));
            ServiceRegistration<ProtocolHandler> offer =
                    core.context().registerService(ProtocolHandler.class, handler, properties);
            assertThat(ask(connection.open(GREET))).isEqualTo("hello");
            await().until(() -> peer.peer(id).orElseThrow().protocols().contains(GREET));
            offer.unregister();
            await().until(() -> !peer.peer(id).orElseThrow().protocols().contains(GREET));
            assertThatThrownBy(() -> connection.open(GREET)).isInstanceOf(Libp2pException.class);
            assertThat(connection.isOpen()).isTrue();
            assertThat(host.connections()).hasSize(1);

            ConnectionGate gate = new ConnectionGate() {
                @Override
                public Optional<String> refuseAddress(Optional<PeerId> who, Multiaddr address) {
                    return Optional.of("closed today");
                }
            };
            ServiceRegistration<ConnectionGate> closed =
                    core.context().registerService(ConnectionGate.class, gate, null);
            peer.disconnect(id);
            await().until(() -> host.connections().isEmpty());
            assertThatThrownBy(() -> peer.connect(id, loopback(host))).isInstanceOf(Libp2pException.class);
            closed.unregister();
            assertThat(peer.connect(id, loopback(host)).isOpen()).isTrue();
        }
    }

    private static List<Multiaddr> loopback(Host host) {
        return host.addresses().stream()
                .filter(a -> a.value(Protocol.IP4).filter("127.0.0.1"::equals).isPresent())
                .toList();
    }

    private static String address(NodeProcess node) throws Exception {
        String[] found = new String[1];
        await().until(() -> {
            Answer answer = node.run("p2p", "addresses");
            found[0] = answer.out()
                    .lines()
                    .filter(line -> line.startsWith("/ip4/127.0.0.1/"))
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0].strip();
    }

    @Test
    void two_nodes_connect_from_the_shell_and_follow_a_topic() throws Exception {
        String id;
        try (var first = NodeProcess.start(temp.resolve("first"));
                var second = NodeProcess.start(temp.resolve("second"))) {
            String address = address(first);
            id = address.substring(address.lastIndexOf('/') + 1);
            String secondAddress = address(second);
            String secondId = secondAddress.substring(secondAddress.lastIndexOf('/') + 1);
            assertThat(second.run("p2p", "connect", address).ok().out()).contains("Connected to " + id);
            assertThat(second.run("p2p", "ping", id, "--count", "2").ok().out()).contains("MILLISECONDS");
            assertThat(first.run("p2p", "peers", "--json").ok().out())
                    .contains(secondId)
                    .contains("mycelium/");
            for (NodeProcess publisher : List.of(first, second)) {
                NodeProcess follower = publisher == first ? second : first;
                CompletableFuture<String> heard = follower.hearOne("news");
                await().until(() -> follower.run("p2p", "topics").ok().out().contains("news"));
                assertThat(publisher
                                .run("p2p", "publish", "news", "good morning")
                                .ok()
                                .out())
                        .contains("Published to 1");
                assertThat(heard.get(60, TimeUnit.SECONDS)).contains("good morning");
            }
            Answer nowhere = second.run("p2p", "connect", "/ip4/127.0.0.1/tcp/1/p2p/" + id.replace(id, secondId));
            assertThat(nowhere.exit()).isEqualTo(1);
            second.run("node", "config", "network.mycelium.libp2p", "listen=/ip4/127.0.0.1/tcp/0")
                    .ok();
            await().until(() ->
                    second.run("p2p", "addresses").ok().out().lines().count() == 2);
            assertThat(second.run("p2p", "peers").ok().out()).contains(id);
            await().until(() -> Files.exists(temp.resolve("first/state/peers")));
        }
        assertThat(Files.getPosixFilePermissions(temp.resolve("first/state/node.key")))
                .hasSize(2);
        try (var again = NodeProcess.start(temp.resolve("first"))) {
            assertThat(address(again)).endsWith(id);
            assertThat(again.run("p2p", "peers", "--all").ok().out()).contains("12D3KooW");
        }
    }
}
