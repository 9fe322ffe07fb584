package network.mycelium.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class OnLinkTest {
    private static boolean covers(String network, int prefix, String address) throws UnknownHostException {
        return OnLink.covers(InetAddress.getByName(network), prefix, InetAddress.getByName(address));
    }

    @Test
    void an_address_of_the_same_network_is_on_the_link() throws Exception {
        assertThat(covers("192.0.2.7", 24, "192.0.2.200")).isTrue();
        assertThat(covers("192.0.2.7", 30, "192.0.2.5")).isTrue();
        assertThat(covers("2001:db8::1", 64, "2001:db8::ffff:1")).isTrue();
        assertThat(covers("127.0.0.1", 8, "127.9.9.9")).isTrue();
    }

    @Test
    void all_others_are_not() throws Exception {
        assertThat(covers("192.0.2.7", 24, "192.0.3.7")).isFalse();
        assertThat(covers("192.0.2.7", 30, "192.0.2.8")).isFalse();
        assertThat(covers("192.0.2.7", 32, "192.0.2.6")).isFalse();
        assertThat(covers("2001:db8::1", 64, "2001:db8:0:1::1")).isFalse();
        assertThat(covers("192.0.2.7", 24, "2001:db8::1")).isFalse();
        assertThat(covers("192.0.2.7", 64, "192.0.2.7")).isFalse();
    }
}
