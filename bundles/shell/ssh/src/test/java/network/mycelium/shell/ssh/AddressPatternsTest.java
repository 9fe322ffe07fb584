package network.mycelium.shell.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPatternsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1 | 127.0.0.1 | true",
                "127.0.0.1 | 127.0.0.11 | false",
                "127.0.0.? | 127.0.0.11 | false",
                "127.0.0.* | 127.0.0.11 | true",
                "127.*,!127.0.0.1 | 127.0.0.1 | false",
                "!127.0.0.1,127.* | 127.0.0.2 | true",
                "!127.0.0.1 | 127.0.0.2 | false",
                "10.1.0.0/15 | 10.0.255.255 | true",
                "10.0.0.0/15 | 10.2.0.0 | false",
                "10.0.0.0/0 | 127.0.0.1 | true",
                "10.0.0.0/32 | 10.0.0.0 | true",
                "2001:db8::/32 | 2001:db8:1::1 | true",
                "2001:db8::/32 | 10.0.0.1 | false",
                "2001:db8:0:0::1 | 2001:db8::1 | true",
                "host.example,*.example | 127.0.0.1 | false",
                "127.0.0.1.evil | 127.0.0.1 | false",
                "127x0x0x1 | 127.0.0.1 | false"
            })
    void an_address_matches_as_sshd_says(String patterns, String address, boolean matches) {
        assertThat(AddressPatterns.parse(patterns).match(InetAddress.ofLiteral(address)))
                .isEqualTo(matches);
    }
}
