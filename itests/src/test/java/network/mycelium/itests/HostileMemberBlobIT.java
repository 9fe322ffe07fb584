package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A member that asks the node which gives the network its bundles for what makes no sense, or for more than it takes:
/// the node stays up, and gives to the others. Prints memory in MB before, at the end, and how long another member's
/// component took.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileMemberBlobIT {
    private static final String PROTOCOL = "/mycelium/blobs/1.0.0";

    @TempDir
    Path temp;

    private TestNetwork network;
    private NodeProcess giver;
    private NodeProcess hostile;
    private NodeProcess honest;
    private byte[] digest;

    @BeforeEach
    void start() throws Exception {
        network = new TestNetwork(temp);
        giver = network.founder();
        Path jar = TestNetwork.weather("1.0.0")
                .file("data", TestBundle.noise(1_000_000, 1))
                .write(temp.resolve("jars"));
        digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
        network.publish(giver, jar);
        hostile = network.member(giver, "hostile");
        honest = network.member(giver, "honest");
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
    }

    /// Has the hostile node open streams to the giver and write requests to each, and read nothing.
    private void attack(String name, int streams, byte[] requests) throws Exception {
        TestBundle bundle = TestBundle.named("test." + name, "1.0.0")
                .component(name)
                .activator(
                        """
                var host = context.getService(context.getServiceReference(network.mycelium.libp2p.Host.class));
                byte[] requests = java.util.HexFormat.of().parseHex("%s");
                var peer = network.mycelium.libp2p.PeerId.parse("%s");
                for (int i = 0; i < %d; i++) {
                    var stream = host.open(peer, "%s");
                    stream.timeout(java.time.Duration.ofSeconds(10));
                    stream.write(requests, 0, requests.length);
                }""".formatted(HexFormat.of().formatHex(requests), TestNetwork.peer(giver), streams, PROTOCOL),
                        "");
        bundle.add("Import-Package", "network.mycelium.libp2p;version=\"[1,10)\"");
        hostile.use(bundle.write(temp.resolve("jars")), temp.resolve(name));
        hostile.send("component", "load", name).ok();
    }

    private void assertHonestIsServed(String what, long before) throws Exception {
        long begin = System.nanoTime();
        // Its index may come a moment after the member.
        await().atMost(TestNetwork.SOON)
                .until(() -> honest.send("component", "load", "weather").exit() == 0);
        await().atMost(TestNetwork.SOON)
                .untilAsserted(() -> assertThat(TestNetwork.versions(honest)).containsExactly("1.0.0"));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        System.out.printf("| %s | %d / %d | %d ms |%n", what, before, Attacked.rss(giver), took.toMillis());
        assertThat(took).isLessThan(Duration.ofSeconds(20));
        assertThat(giver.send("network", "members").ok().out()).contains("honest");
        Attacked.assertUnharmed(giver);
    }

    private ProtoWriter request() {
        return new ProtoWriter().bytes(1, digest);
    }

    @Test
    void numbers_that_are_negative_or_overflow() throws Exception {
        long before = Attacked.rss(giver);
        // As 32 bits it is the chunk 1,600,000,000; a set of so many bits takes 200 MB.
        long chunk = (-1L << 32 | 1_600_000_000) + 1;
        attack("chunks", 10, Delimited.frame(request().varint(5, chunk).toBytes()));
        attack(
                "offsets",
                10,
                Delimited.frame(request()
                        .varint(2, Long.MAX_VALUE - 5)
                        .varint(3, 1 << 20)
                        .toBytes()));
        assertHonestIsServed("requests for the chunk -2,694,967,296", before);
    }

    @Test
    void more_at_once_than_it_can_give_and_nothing_of_it_read() throws Exception {
        long before = Attacked.rss(giver);
        attack("many", 300, Delimited.frame(request().varint(3, 1 << 20).toBytes()));
        assertHonestIsServed("300 requests of 1 MiB that nobody reads", before);
    }
}
