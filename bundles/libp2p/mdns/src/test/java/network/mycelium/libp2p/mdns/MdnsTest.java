package network.mycelium.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import network.mycelium.libp2p.Multiaddr;
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
}
