package network.mycelium.libp2p.provider.swarm;

import static network.mycelium.libp2p.hostile.HostilePeer.data;
import static network.mycelium.libp2p.hostile.HostilePeer.open;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.hostile.HostilePeer;
import network.mycelium.libp2p.provider.protocols.Ping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Frames that no well-meaning peer sends.
@Timeout(60)
class HostileFramesTest {
    private static final byte[] BYTES = new byte[32];

    static InetSocketAddress address(Swarm swarm) {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(
                        swarm.addresses().getFirst().value(Protocol.TCP).orElseThrow()));
    }

    @Test
    void a_peer_of_hand_written_frames_is_served_over_noise_and_tls() throws IOException {
        try (var two = new TwoSwarms();
                var noise = HostilePeer.noise(address(two.b));
                var tls = HostilePeer.tls(address(two.b))) {
            for (HostilePeer peer : Set.of(noise, tls)) {
                peer.send(open(1, Ping.PROTOCOL, BYTES));
                assertThat(peer.read(1, Ping.PROTOCOL, 32)).isEqualTo(BYTES);
                peer.send(data(HostilePeer.FIN, 1, BYTES));
                assertThat(peer.receive().data()).isEqualTo(BYTES);
            }
        }
    }
}
