package network.mycelium.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import network.mycelium.libp2p.multiformats.Cid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {
    private static final String ID = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ip4/127.0.0.1/tcp/4001",
                "/ip6/::1/tcp/0",
                "/ip6/2001:db8::ff00:42:8329/udp/65535/quic-v1",
                "/ip6/fe80::1/tcp/1",
                "/dns/example.org/tcp/443/wss",
                "/dns4/a.b/tcp/443/tls/ws",
                "/dnsaddr/bootstrap.example/p2p/" + ID,
                "/ip4/1.2.3.4/tcp/1/p2p/" + ID + "/p2p-circuit/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
                "/ip6zone/eth0/ip6/fe80::1/tcp/1"
            })
    void text_and_bytes_are_read_back_as_they_were(String text) {
        Multiaddr address = Multiaddr.parse(text);
        assertThat(address).hasToString(text);
        assertThat(Multiaddr.parse(address.bytes())).isEqualTo(address);
    }

    @Test
    void bytes_are_as_the_specification_says() {
        assertThat(HexFormat.of()
                        .formatHex(Multiaddr.parse("/ip4/127.0.0.1/udp/1234").bytes()))
                .isEqualTo("047f000001910204d2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ip4/1.2.3.4|does not begin with /
            /ip4|has no value
            /ip4/1.2.3|is no IP address
            /ip4/::1|is no IP address
            /ip4/256.1.1.1|is no IP address
            /ip4/localhost|is no IP address
            /tcp/65536|is no port
            /tcp/-1|is no port
            /p2p/12D3|is no peer id
            /nope/1|there is no protocol "nope"
            /dns/|has no value
            /ip4/1.2.3.4//tcp/1|there is no protocol ""
            """)
    void bad_text_is_refused_with_its_reason(String text, String reason) {
        assertThatThrownBy(() -> Multiaddr.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void random_bytes_never_do_more_than_be_refused() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        byte[] good =
                Multiaddr.parse("/ip4/1.2.3.4/tcp/1/p2p/" + ID + "/p2p-circuit").bytes();
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(40)] : good.clone();
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Multiaddr read = Multiaddr.parse(bytes);
                assertThat(Multiaddr.parse(read.toString())).isEqualTo(read);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    @Test
    void peer_ids_are_read_in_both_forms() {
        PeerId id = PeerId.parse(ID);
        assertThat(PeerId.parse("bafzaajaiaejcal72gwuz2or47oyxxn6b3rkwdmmkrxgkjxzy3rqt5kczyn7lcm3l"))
                .isEqualTo(id)
                .hasToString(ID);
        assertThat(PeerId.parse(id.bytes())).isEqualTo(id);
        assertThatThrownBy(() -> PeerId.parse("QmFoo")).hasMessageContaining("is no peer id");
    }

    @Test
    void cids_are_read_in_both_versions() {
        String v0 = "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR";
        String v1 = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        assertThat(Cid.parse(v0)).hasToString(v0);
        assertThat(Cid.parse(v1)).hasToString(v1);
        assertThat(Cid.parse(Cid.parse(v1).bytes())).hasToString(v1);
    }
}
