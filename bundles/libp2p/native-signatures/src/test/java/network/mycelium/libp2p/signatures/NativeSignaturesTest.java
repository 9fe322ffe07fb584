package network.mycelium.libp2p.signatures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import network.mycelium.libp2p.core.keys.Ed25519Signatures;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// AWS-LC beside BouncyCastle: the same signatures, and the same verdicts.
class NativeSignaturesTest {
    @BeforeAll
    static void onlyWhereThereIsNativeCode() {
        String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        assumeTrue(machine.equals("Linux amd64"), "the test has native code for Linux amd64, this is " + machine);
    }

    @AfterAll
    static void backToTheDefault() {
        Ed25519Signatures.useDefault();
    }

    @Test
    void both_sign_alike_and_agree_on_what_is_right_and_on_what_is_forged() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            byte[] secret = new byte[NodeKey.SEED_SIZE];
            random.nextBytes(secret);
            byte[] message = new byte[random.nextInt(1, 2000)];
            random.nextBytes(message);
            Ed25519Signatures.useDefault();
            var key = new NodeKey(secret);
            byte[] signature = key.sign(message);
            Ed25519Signatures.use(NativeSignatures.provider());
            assertThat(key.sign(message)).as("seed %d", seed).isEqualTo(signature);
            assertThat(key.publicKey().verify(message, signature))
                    .as("seed %d", seed)
                    .isTrue();
            byte[] forged = signature.clone();
            forged[random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
            assertThat(key.publicKey().verify(message, forged))
                    .as("seed %d", seed)
                    .isFalse();
            assertThat(key.publicKey().verify(message, new byte[random.nextInt(64)]))
                    .as("seed %d", seed)
                    .isFalse();
        }
    }
}
