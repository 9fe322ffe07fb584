package network.mycelium.libp2p.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Random;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NamelessCertificateTest {
    private static final byte[] NO_NAME = Der.sequence();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final NodeKey node = new NodeKey(new byte[32]);
    private CertificateFactory java;
    private KeyPair pair;

    @BeforeEach
    void make() throws Exception {
        java = CertificateFactory.getInstance("X.509", "SUN");
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        pair = generator.generateKeyPair();
    }

    private byte[] encoded(byte[] name) throws Exception {
        return TlsIdentity.certificate(node, pair, name, new SecureRandom(), NOW);
    }

    @Test
    void is_read_where_java_refuses_and_tells_who_it_is() throws Exception {
        byte[] encoded = encoded(NO_NAME);
        assertThatThrownBy(() -> java.generateCertificate(new ByteArrayInputStream(encoded)))
                .isInstanceOf(CertificateException.class);
        var read = NamelessCertificate.read(encoded, java);
        assertThat(read.getEncoded()).isEqualTo(encoded);
        assertThat(read.getPublicKey()).isEqualTo(pair.getPublic());
        assertThat(TlsIdentity.verify(read, NOW).peerId()).isEqualTo(node.peerId());
        assertThatThrownBy(() -> TlsIdentity.verify(read, NOW.minusSeconds(100_000)))
                .hasMessageContaining("not valid");
    }

    @Test
    void is_not_for_what_has_names_or_is_none() throws Exception {
        for (byte[] other : new byte[][] {encoded(TlsIdentity.NAME), new byte[0], new byte[500], NO_NAME}) {
            assertThatThrownBy(() -> NamelessCertificate.read(other, java)).isInstanceOf(CertificateException.class);
        }
    }

    @Test
    void nobody_else_can_have_signed_it() throws Exception {
        var read = NamelessCertificate.read(encoded(NO_NAME), java);
        make();
        assertThatThrownBy(() -> read.verify(pair.getPublic())).hasMessageContaining("signature");
    }

    /// What is outside of what was signed may be written in more than one way, such as the name of the algorithm.
    @Test
    void with_any_signed_bit_flipped_it_proves_nothing() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = encoded(NO_NAME);
        byte[] signed = NamelessCertificate.read(good, java).getTBSCertificate();
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = good.clone();
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            try {
                NamelessCertificate read = NamelessCertificate.read(bytes, java);
                TlsIdentity.verify(read, NOW);
                assertThat(read.getTBSCertificate())
                        .as("seed %d, round %d, byte %d", seed, i, at)
                        .isEqualTo(signed);
            } catch (CertificateException | IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(4_500);
    }
}
