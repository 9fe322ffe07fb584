package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundSocketsTest {
    private static final Settings SETTINGS = Settings.DEFAULT.withInbound(100, 10, 20);
    private static final int MAX_HANDSHAKES = SETTINGS.transients().connections();

    private final InboundSockets inbound = new InboundSockets(SETTINGS);

    /// From anywhere, connected to nothing.
    private static final class From extends Socket {
        private final InetAddress address;
        private boolean gone;

        private From(String address) {
            try {
                this.address = InetAddress.getByName(address);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }

        @Override
        public InetAddress getInetAddress() {
            return address;
        }

        @Override
        public void close() {
            gone = true;
        }
    }

    private From begin(String address) {
        var socket = new From(address);
        assertThat(inbound.begin(socket)).isEqualTo(!socket.gone);
        return socket;
    }

    private From connect(String address) {
        From socket = begin(address);
        assertThat(inbound.established(socket)).isEqualTo(!socket.gone);
        return socket;
    }

    @Test
    void one_address_has_so_many_connections_and_others_have_theirs() {
        List<From> first = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            first.add(connect("192.0.2.1"));
        }
        assertThat(first).filteredOn(s -> !s.gone).hasSize(10);
        assertThat(inbound.refused()).isEqualTo(20);
        assertThat(connect("192.0.2.2").gone).isFalse();

        inbound.end(first.getFirst());
        inbound.end(first.getFirst());
        assertThat(connect("192.0.2.1").gone).isFalse();
        assertThat(connect("192.0.2.1").gone).isTrue();
    }

    @Test
    void of_ipv6_a_site_is_one_address_but_on_the_link_each_is_its_own() {
        for (int i = 0; i < 10; i++) {
            connect("2001:db8:0:1200::" + i);
        }
        assertThat(connect("2001:db8:0:12ff::1").gone).isTrue();
        assertThat(connect("2001:db8:0:1300::1").gone).isFalse();
        for (int i = 0; i < 30; i++) {
            assertThat(connect("fe80::" + i).gone).isFalse();
        }
    }

    @Test
    void an_ipv4_address_is_the_same_however_it_is_written() {
        for (int i = 0; i < 10; i++) {
            connect(i % 2 == 0 ? "192.0.2.1" : "::ffff:192.0.2.1");
        }
        assertThat(connect("::ffff:192.0.2.1").gone).isTrue();
    }

    @Test
    void this_machine_has_a_bound_of_its_own() {
        for (int i = 0; i < 20; i++) {
            assertThat(connect("127.0.0.1").gone).isFalse();
        }
        assertThat(connect("127.0.0.1").gone).isTrue();
        assertThat(connect("127.0.0.2").gone).isFalse();
        assertThat(connect("::1").gone).isFalse();
    }

    @Test
    void at_the_bound_of_its_address_the_oldest_handshake_gives_way_to_a_new_one() {
        List<From> dawdlers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            dawdlers.add(begin("192.0.2.1"));
        }
        From honest = begin("192.0.2.1");
        assertThat(honest.gone).isFalse();
        assertThat(dawdlers).filteredOn(s -> s.gone).containsExactly(dawdlers.getFirst());
        assertThat(inbound.established(dawdlers.getFirst())).isFalse();
        assertThat(inbound.established(honest)).isTrue();
    }

    @Test
    void at_the_bound_of_all_the_address_with_most_handshakes_gives_way() {
        From honest = begin("192.0.2.200");
        List<From> others = new ArrayList<>();
        for (int address = 1; inbound.handshakes() < MAX_HANDSHAKES; address++) {
            for (int i = 0; i < 9 && inbound.handshakes() < MAX_HANDSHAKES; i++) {
                others.add(begin("192.0.2." + address));
            }
        }
        for (int i = 0; i < 1000; i++) {
            others.add(begin("192.0.2." + (1 + i % 8)));
        }
        assertThat(honest.gone).isFalse();
        assertThat(inbound.handshakes()).isEqualTo(MAX_HANDSHAKES);
        assertThat(others).filteredOn(s -> !s.gone).hasSize(MAX_HANDSHAKES - 1);
        assertThat(inbound.evicted()).isEqualTo(1000);
    }

    @Test
    void nothing_is_remembered_of_who_is_gone() {
        List<From> sockets = new ArrayList<>();
        for (int i = 1; i < 200; i++) {
            sockets.add(i % 2 == 0 ? begin("192.0.2." + i) : connect("192.0.2." + i));
        }
        sockets.forEach(inbound::end);
        assertThat(inbound.sockets()).isZero();
        assertThat(inbound.handshakes()).isZero();
        assertThat(inbound.mostOfOrigin()).isZero();
    }
}
