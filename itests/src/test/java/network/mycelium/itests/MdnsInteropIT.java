package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.mycelium.bench.libp2p.PeerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node and a peer of another implementation, hosts of one LAN of namespaces, who know nothing of each other.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MdnsInteropIT {
    @TempDir
    Path temp;

    private interface Start {
        PeerProcess on(List<String> host) throws IOException, InterruptedException;
    }

    @Test
    void js_and_we_hear_of_each_other_and_connect() throws Exception {
        hear(ForeignPeers::jsOnLink);
    }

    @Test
    void go_and_we_hear_of_each_other_and_connect() throws Exception {
        hear(ForeignPeers::goOnLink);
    }

    private void hear(Start start) throws Exception {
        Optional<String> missing = TwoSites.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        try (var lan = new TwoSites(2, 0);
                NodeProcess node = NodeProcess.startBy(lan.on(0), temp.resolve("home"));
                PeerProcess peer = start.on(lan.on(1))) {
            assertThat(peer.ask("connections")).hasToString("[]");
            node.send("node", "config", "network.mycelium.libp2p.mdns", "interval.seconds=1")
                    .ok();
            node.send("component", "load", "mdns").ok();
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(peer.ask("discovered").toString()).contains(TestNetwork.peer(node)));
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(node.send("p2p", "peers").ok().out())
                                    .contains(peer.id())
                                    .contains(TwoSites.address(1)));
        }
    }
}
