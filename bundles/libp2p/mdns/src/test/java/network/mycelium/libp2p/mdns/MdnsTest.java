package network.mycelium.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Real nodes on real sockets, on the loopback interface alone.
class MdnsTest {
    private final Swarm one = swarm();
    private final Swarm two = swarm();
    private int port;
    private String loopback;

    private static Swarm swarm() {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        new SecureRandom().nextBytes(seed);
        return new Swarm(new NodeKey(seed), Settings.DEFAULT, new PeerBook()).start();
    }

    @BeforeEach
    void listen() throws IOException {
        one.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        two.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        try (var free = new DatagramSocket()) {
            port = free.getLocalPort();
        }
        loopback = NetworkInterface.networkInterfaces()
                .filter(network -> {
                    try {
                        return network.isLoopback();
                    } catch (IOException e) {
                        return false;
                    }
                })
                .findFirst()
                .orElseThrow()
                .getName();
        try {
            new MdnsSocket(NetworkInterface.getByName(loopback), port).close();
        } catch (IOException e) {
            assumeTrue(false, "this machine's loopback interface cannot multicast: " + e.getMessage());
        }
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private Mdns start(Swarm swarm, String... interfaces) throws IOException {
        var mdns = new Mdns(swarm, List.of(interfaces), Duration.ofSeconds(1), port);
        mdns.activate();
        return mdns;
    }

    @Test
    void two_nodes_of_a_link_find_each_other() throws Exception {
        Mdns first = start(one, loopback);
        Mdns second = start(two, loopback);
        try {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> one.connection(two.id()).isPresent());
            assertThat(two.connection(one.id())).isPresent();
        } finally {
            first.deactivate();
            second.deactivate();
        }
    }

    @Test
    void rubbish_on_the_link_does_no_harm() throws Exception {
        Mdns first = start(one, loopback);
        Mdns second = null;
        try (var shouter = new DatagramSocket()) {
            byte[] rubbish = new byte[500];
            var random = new SecureRandom();
            for (int i = 0; i < 1000; i++) {
                random.nextBytes(rubbish);
                shouter.send(
                        new java.net.DatagramPacket(rubbish, rubbish.length, new InetSocketAddress("127.0.0.1", port)));
            }
            second = start(two, loopback);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> one.connection(two.id()).isPresent());
        } finally {
            first.deactivate();
            if (second != null) {
                second.deactivate();
            }
        }
    }

    @Test
    void an_interface_that_is_not_there_is_told_and_nothing_fails() throws Exception {
        assumeTrue(NetworkInterface.getByName("nowhere0") == null);
        start(one, "nowhere0").deactivate();
    }

    /// A host that dials nobody, and tells whom it would.
    private Host recording(Queue<String> dialled) {
        return (Host) Proxy.newProxyInstance(
                Host.class.getClassLoader(), new Class<?>[] {Host.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "id" -> one.id();
                        case "addresses" -> one.addresses();
                        case "connection" -> Optional.empty();
                        case "connect" -> {
                            dialled.add(arguments[0] + " " + arguments[1]);
                            throw new IOException("recorded");
                        }
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }

    private static PeerId somebody() {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        new SecureRandom().nextBytes(seed);
        return new NodeKey(seed).peerId();
    }

    private void tell(DatagramSocket from, byte[] packet) throws IOException {
        from.send(new DatagramPacket(packet, packet.length, new InetSocketAddress("127.0.0.1", port)));
    }

    private static byte[] answer(PeerId peer, String... addresses) {
        return MdnsPacket.answer(
                "x".repeat(40), peer, Stream.of(addresses).map(Multiaddr::parse).toList());
    }

    @Test
    void addresses_beyond_the_link_and_names_are_not_dialled() throws Exception {
        var dialled = new ConcurrentLinkedQueue<String>();
        var mdns = new Mdns(recording(dialled), List.of(loopback), Duration.ofMinutes(1), port);
        mdns.activate();
        try (var liar = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            PeerId peer = somebody();
            tell(liar, answer(somebody(), "/ip4/192.0.2.1/tcp/80"));
            tell(liar, answer(somebody(), "/ip6/2001:db8::1/tcp/80"));
            tell(liar, answer(peer, "/ip4/192.0.2.1/tcp/80", "/ip4/127.0.0.9/tcp/80"));
            await().until(() -> !dialled.isEmpty());
            assertThat(dialled).containsExactly(peer + " [/ip4/127.0.0.9/tcp/80]");
        } finally {
            mdns.deactivate();
        }
    }

    @Test
    void a_liar_with_a_new_peer_in_each_packet_has_few_dialled() throws Exception {
        var dialled = new ConcurrentLinkedQueue<String>();
        var mdns = new Mdns(recording(dialled), List.of(loopback), Duration.ofMinutes(1), port);
        mdns.activate();
        try (var liar = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var honest = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
            for (int i = 0; i < 300; i++) {
                tell(liar, answer(somebody(), "/ip4/127.0.0.9/tcp/80"));
            }
            PeerId peer = somebody();
            await().until(() -> {
                tell(honest, answer(peer, "/ip4/127.0.0.2/tcp/80"));
                return dialled.stream().anyMatch(text -> text.startsWith(peer.toString()));
            });
            assertThat(dialled).hasSizeLessThanOrEqualTo(DialBudget.MAX_OF_SENDER + 1);
        } finally {
            mdns.deactivate();
        }
    }

    @Test
    void a_flood_of_questions_is_answered_once_a_second() throws Exception {
        var answers = new AtomicInteger();
        var mdns = new Mdns(one, List.of(loopback), Duration.ofMinutes(1), port);
        mdns.activate();
        try (var ear = new MdnsSocket(NetworkInterface.getByName(loopback), port)) {
            var end = somebody();
            Thread listener = Thread.startVirtualThread(() -> {
                try {
                    while (true) {
                        if (MdnsPacket.read(ear.receive().packet()) instanceof MdnsPacket.Answer(var addresses)) {
                            if (addresses.toString().contains(end.toString())) {
                                return;
                            }
                            answers.incrementAndGet();
                        }
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            long begin = System.nanoTime();
            for (int i = 0; i < 500; i++) {
                ear.send(MdnsPacket.question());
            }
            // The flood may have pushed the answer out of the ear's buffer.
            await().until(() -> {
                ear.send(MdnsPacket.question());
                return answers.get() > 0;
            });
            ear.send(answer(end, "/ip4/127.0.0.9/tcp/80"));
            assertThat(listener.join(Duration.ofSeconds(20))).isTrue();
            long seconds = (System.nanoTime() - begin) / 1_000_000_000;
            assertThat(answers.get()).isBetween(1, (int) seconds + 2);
        } finally {
            mdns.deactivate();
        }
    }
}
