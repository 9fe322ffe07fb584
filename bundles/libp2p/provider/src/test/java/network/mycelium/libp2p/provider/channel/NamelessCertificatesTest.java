package network.mycelium.libp2p.provider.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import network.mycelium.libp2p.core.tls.NamelessCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamelessCertificatesTest {
    /// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -days 36500`
    private static final byte[] NAMELESS = Base64.getMimeDecoder().decode("""
            MIIBVTCB/aADAgECAhQjzj2CV/nYDukVOlQJyoW+aKeHcDAKBggqhkjOPQQDAjAA
            MCAXDTI2MTEyMjA1MjE1N1oYDzIxMjYxMDI5MDUyMTU3WjAAMFkwEwYHKoZIzj0C
            AQYIKoZIzj0DAQcDQgAEDDjzowISFDmt1Uc1l2VpYgz6iLMFFYr9MGrbsgS1dfhw
            6PCp8a3q6ucZRaOBZz0iVmIjLwSJmwVaAD8Gpa1T0KNTMFEwHQYDVR0OBBYEFDO0
            efpn8xQGrAebmTcHVvQ7DrN1MB8GA1UdIwQYMBaAFDO0efpn8xQGrAebmTcHVvQ7
            DrN1MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgI9pavdlCWh0k
            4FlrrqFoTcuA+8Y5XXlP/YG5y4DyyNACIBk50Z1EpSQc0vgKbUQF1sw4KfzAvwqZ
            GFNojHT7SOBu
            """);

    @AfterEach
    void uninstall() {
        NamelessCertificates.uninstall();
    }

    private static Object read() throws CertificateException {
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(NAMELESS));
    }

    @Test
    void are_read_in_a_handshake_and_nowhere_else() throws IOException {
        NamelessCertificates.allowed(() -> {
            try {
                assertThat(read()).isInstanceOf(NamelessCertificate.class);
            } catch (CertificateException e) {
                throw new IOException(e);
            }
        });
        assertThatThrownBy(NamelessCertificatesTest::read).isInstanceOf(CertificateException.class);
    }

    @Test
    void leave_java_as_it_was() throws IOException {
        var before = Security.getProviders();
        NamelessCertificates.allowed(() -> {});
        NamelessCertificates.allowed(() -> {});
        assertThat(Security.getProviders()).hasSize(before.length + 1);
        NamelessCertificates.uninstall();
        assertThat(Security.getProviders()).containsExactly(before);
    }
}
