package network.mycelium.libp2p.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.Security;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Ed25519SignaturesTest {
    private static final HexFormat HEX = HexFormat.of();

    static Stream<Ed25519Algorithm> algorithms() throws GeneralSecurityException {
        return Stream.of(new BouncyCastleEd25519(), new ProviderEd25519(Security.getProvider("SunEC")));
    }

    @AfterEach
    void backToTheDefault() {
        Ed25519Signatures.useDefault();
    }

    /// RFC 8032, 7.1, tests 1 to 3.
    @ParameterizedTest
    @MethodSource("algorithms")
    void the_vectors_of_the_rfc(Ed25519Algorithm algorithm) {
        vector(
                algorithm,
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
        vector(
                algorithm,
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        vector(
                algorithm,
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    }

    private static void vector(Ed25519Algorithm algorithm, String seed, String key, String message, String signature) {
        assertThat(algorithm.sign(HEX.parseHex(seed), HEX.parseHex(key), HEX.parseHex(message)))
                .isEqualTo(HEX.parseHex(signature));
        assertThat(algorithm.verify(HEX.parseHex(key), HEX.parseHex(message), HEX.parseHex(signature)))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void what_strangers_send_verifies_only_if_it_is_right(Ed25519Algorithm algorithm) {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] secret = new byte[NodeKey.SEED_SIZE];
        random.nextBytes(secret);
        byte[] key = new NodeKey(secret).publicKey().data();
        for (int i = 0; i < 500; i++) {
            byte[] message = new byte[random.nextInt(1, 300)];
            random.nextBytes(message);
            byte[] signature = algorithm.sign(secret, key, message);
            assertThat(algorithm.verify(key, message, signature))
                    .as("seed %d", seed)
                    .isTrue();
            byte[] forged = signature.clone();
            forged[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
            assertThat(algorithm.verify(key, message, forged))
                    .as("seed %d", seed)
                    .isFalse();
            message[random.nextInt(message.length)] ^= 1;
            assertThat(algorithm.verify(key, message, signature))
                    .as("seed %d", seed)
                    .isFalse();
        }
        for (int length : new int[] {0, 31, 33, 63, 65, 1000}) {
            assertThat(algorithm.verify(key, secret, new byte[length])).isFalse();
            assertThat(algorithm.verify(new byte[length], secret, new byte[64])).isFalse();
        }
        byte[] noPoint = new byte[32];
        noPoint[0] = 2;
        assertThat(algorithm.verify(noPoint, secret, new byte[64])).isFalse();
    }

    @Test
    void keys_sign_and_verify_by_the_provider_that_is_used_and_by_the_default_again() throws Exception {
        var counting = new CountingProvider();
        byte[] message = {1};
        var key = new NodeKey(new byte[NodeKey.SEED_SIZE]);
        byte[] before = key.sign(message);
        Ed25519Signatures.use(counting);
        int proofs = counting.asked;
        assertThat(key.sign(message)).isEqualTo(before);
        assertThat(key.publicKey().verify(message, before)).isTrue();
        assertThat(counting.asked).isEqualTo(proofs + 2);
        Ed25519Signatures.useDefault();
        assertThat(key.sign(message)).isEqualTo(before);
        assertThat(counting.asked).isEqualTo(proofs + 2);
    }

    @Test
    void a_provider_without_ed25519_changes_nothing() {
        assertThatThrownBy(() -> Ed25519Signatures.use(Security.getProvider("SUN")))
                .isInstanceOf(GeneralSecurityException.class);
        var key = new NodeKey(new byte[NodeKey.SEED_SIZE]);
        assertThat(key.publicKey().verify(new byte[] {1}, key.sign(new byte[] {1})))
                .isTrue();
    }

    /// The JDK's Ed25519, and how often a signature was begun.
    @SuppressWarnings("serial")
    private static final class CountingProvider extends java.security.Provider {
        private int asked;

        private CountingProvider() {
            super("counting", "1", "for tests");
            for (String type : new String[] {"Signature", "KeyFactory"}) {
                Service original = Security.getProvider("SunEC").getService(type, "Ed25519");
                putService(new Service(this, type, "Ed25519", original.getClassName(), null, null) {
                    @Override
                    public Object newInstance(Object parameter) throws java.security.NoSuchAlgorithmException {
                        if (type.equals("Signature")) {
                            asked++;
                        }
                        return original.newInstance(parameter);
                    }
                });
            }
        }
    }
}
