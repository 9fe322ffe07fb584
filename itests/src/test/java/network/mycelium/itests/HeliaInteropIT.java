package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import network.mycelium.bench.libp2p.PeerProcess;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Against the libp2p of helia, which offers far more protocols than this one.
@Timeout(400)
class HeliaInteropIT {
    @Test
    void both_dial_identify_and_ping() throws Exception {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        new SecureRandom().nextBytes(seed);
        try (PeerProcess helia = ForeignPeers.helia();
                Swarm swarm = new Swarm(new NodeKey(seed), Settings.DEFAULT, new PeerBook()).start()) {
            swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            PeerId id = PeerId.parse(helia.id());
            String me = swarm.id().toString();

            // Twice, for the second time begins with the proposal.
            for (int i = 0; i < 2; i++) {
                swarm.connect(Multiaddr.parse(helia.address()));
                assertThat(swarm.connection(id).orElseThrow().security()).isEqualTo("/noise");
                assertThat(swarm.ping(id, Duration.ofSeconds(5))).isPositive();
                await().until(() -> helia.ask("connections").toString().contains("/yamux/1.0.0"));
                await().until(() -> swarm.peer(id).orElseThrow().protocols().contains("/ipfs/ping/1.0.0"));
                swarm.disconnect(id);
                await().until(() -> helia.ask("connections").toString().equals("[]"));
            }

            String address = swarm.addresses().getFirst().of(swarm.id()).toString();
            assertThat(helia.ask("connect", "address", address)).isEqualTo(me);
            assertThat(helia.ask("ping", "peer", me)).isInstanceOf(Number.class);
            await().until(() -> helia.askObject("known", "peer", me)
                    .getJSONArray("protocols")
                    .toList()
                    .contains("/ipfs/id/push/1.0.0"));
            assertThat(swarm.ping(id, Duration.ofSeconds(5))).isPositive();
        }
    }
}
