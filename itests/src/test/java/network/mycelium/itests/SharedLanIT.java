package network.mycelium.itests;

import static network.mycelium.itests.TestNetwork.SOON;
import static network.mycelium.itests.TestNetwork.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.json.JSONObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two networks whose nodes are hosts of one LAN, and all find each other by mDNS.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedLanIT {
    @TempDir
    Path temp;

    private static final String MDNS = "network.mycelium.libp2p.mdns";

    private NodeProcess boot(TwoSites lan, TestNetwork network, int host) throws Exception {
        return network.add(NodeProcess.startBy(lan.on(host), temp.resolve("host" + host)));
    }

    private static Set<String> names(NodeProcess node, String... command) throws Exception {
        Set<String> peers = new HashSet<>();
        for (JSONObject row : rows(node, command)) {
            peers.add(row.getString("peer"));
        }
        return peers;
    }

    @Test
    void members_find_each_other_by_mdns_and_those_of_another_network_stay_strangers() throws Exception {
        Optional<String> missing = TwoSites.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
        try (var lan = new TwoSites(4, 0);
                var network = new TestNetwork(temp)) {
            List<NodeProcess> members = new ArrayList<>();
            for (int host = 0; host < 4; host += 2) {
                NodeProcess founder = boot(lan, network, host);
                founder.send("network", "init", "network" + host).ok();
                members.add(founder);
                members.add(network.join(founder, boot(lan, network, host + 1), "member"));
            }
            for (NodeProcess node : members) {
                node.send("node", "config", MDNS, "interval.seconds=1").ok();
                node.send("component", "load", "mdns").ok();
            }
            // Those who joined forget where the others are, and come back at another port.
            for (int i = 1; i < 4; i += 2) {
                members.get(i).kill();
                Path home = members.get(i).home;
                Files.delete(home.resolve("state/peers"));
                Files.delete(home.resolve("state/ports"));
                Files.delete(home.resolve("state/network/issuer"));
                members.set(i, boot(lan, network, i));
            }
            for (int i = 0; i < 4; i++) {
                NodeProcess node = members.get(i);
                NodeProcess other = members.get(i ^ 1);
                Set<String> own = names(node, "network", "members");
                assertThat(own).hasSize(2).contains(TestNetwork.peer(other));
                await().atMost(SOON).untilAsserted(() -> {
                    assertThat(names(node, "p2p", "peers")).containsExactly(TestNetwork.peer(other));
                    assertThat(rows(node, "network", "nodes")).hasSize(2).allMatch(row -> row.getBoolean("alive"));
                });
            }
        }
    }
}
