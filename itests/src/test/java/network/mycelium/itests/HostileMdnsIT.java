package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A host beyond a router that tells a node of peers, by packets to the node alone.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileMdnsIT {
    private static final String FAR = "10.99.0.1";

    @TempDir
    Path temp;

    /// An answer of multicast DNS with one TXT record, by RFC 1035, 4.
    private static byte[] answer(String address) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, (byte) 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0});
        for (String label : List.of("liar", "_p2p", "_udp", "local")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        String text = "dnsaddr=" + address;
        out.writeBytes(new byte[] {0, 0, 16, 0, 1, 0, 0, 0, 120, 0, (byte) (text.length() + 1)});
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static void run(List<String> host, String... command) throws Exception {
        List<String> words = new ArrayList<>(host);
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).inheritIO().start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(words.toString()).isZero();
    }

    private static String peers(NodeProcess node) throws Exception {
        return node.send("p2p", "peers").ok().out();
    }

    @Test
    void what_comes_over_a_router_is_not_believed() throws Exception {
        Optional<String> missing = TwoSites.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        try (var lan = new TwoSites(2, 0);
                NodeProcess node = NodeProcess.startBy(lan.on(0), temp.resolve("node"));
                NodeProcess other = NodeProcess.startBy(lan.on(1), temp.resolve("other"))) {
            // The first host reaches the far network by way of the second.
            run(lan.on(0), "ip", "route", "add", "10.99.0.0/24", "via", TwoSites.address(1));
            run(lan.on(1), "ip", "addr", "add", FAR + "/32", "dev", "lo");
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> node.send("component", "load", "mdns").exit() == 0);
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> TestNetwork.address(other).contains("/tcp/"));
            String address = TestNetwork.address(other).replace("127.0.0.1", TwoSites.address(1));
            Path packet = Files.write(temp.resolve("packet"), answer(address));
            String send = "cat " + packet + " > /dev/udp/" + TwoSites.address(0) + "/5353";

            run(lan.on(1), "ip", "route", "add", TwoSites.address(0) + "/32", "dev", "eth0", "src", FAR);
            for (int i = 0; i < 5; i++) {
                run(lan.on(1), "bash", "-c", send);
            }
            await().during(java.time.Duration.ofSeconds(2))
                    .atMost(java.time.Duration.ofSeconds(4))
                    .until(() -> !peers(node).contains(TestNetwork.peer(other)));

            // The same from a neighbour is.
            run(lan.on(1), "ip", "route", "del", TwoSites.address(0) + "/32");
            await().atMost(SOON).until(() -> {
                run(lan.on(1), "bash", "-c", send);
                return peers(node).contains(TestNetwork.peer(other));
            });
        }
    }
}
