package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.junit.jupiter.api.Test;

class GatesTest {
    private final Gates gates = new Gates();
    private final PeerId peer = TwoSwarms.key().peerId();
    private final Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");

    private static ConnectionGate failing(Throwable why) {
        return new ConnectionGate() {
            @Override
            public Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
                if (why instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) why;
            }
        };
    }

    @Test
    void a_gate_that_fails_refuses_however_it_fails() {
        for (Throwable why : new Throwable[] {new IllegalStateException("broken"), new NoClassDefFoundError("gone")}) {
            ConnectionGate gate = failing(why);
            gates.add(gate);
            assertThat(gates.refusePeer(peer, address, false))
                    .hasValueSatisfying(text -> assertThat(text).contains("a gate failed"));
            gates.remove(gate);
            assertThat(gates.refusePeer(peer, address, false)).isEmpty();
        }
    }

    @Test
    void a_gate_that_fails_does_not_drop_the_ones_after_it() {
        ConnectionGate broken = failing(new IllegalStateException("broken"));
        gates.add(broken);
        gates.add(new ConnectionGate() {
            @Override
            public Optional<String> refusePeer(PeerId id, Multiaddr at, boolean outbound) {
                return Optional.of("never");
            }
        });
        assertThat(gates.refusePeer(peer, address, false)).isPresent();
        gates.remove(broken);
        assertThat(gates.refusePeer(peer, address, false)).contains("never");
    }
}
