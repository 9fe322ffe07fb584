package network.mycelium.libp2p.core.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RepeatedStatementsTest {
    private static final byte[] MESSAGE = "I am here".getBytes(StandardCharsets.UTF_8);

    private final NodeKey key = key();
    private final byte[] signature = key.sign(MESSAGE);
    private final RepeatedStatements statements = new RepeatedStatements(8);

    private static NodeKey key() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return new NodeKey(seed);
    }

    @Test
    void what_is_true_stays_true_and_is_remembered_once() {
        assertThat(statements.verify(key.publicKey(), MESSAGE, signature)).isTrue();
        assertThat(statements.verify(key.publicKey(), MESSAGE.clone(), signature.clone()))
                .isTrue();
        assertThat(statements.size()).isEqualTo(1);
    }

    @Test
    void another_key_message_or_signature_is_refused_after_the_right_ones_were_seen() {
        assertThat(statements.verify(key.publicKey(), MESSAGE, signature)).isTrue();
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertThat(statements.verify(key.publicKey(), MESSAGE, changed))
                    .as("byte %d", i)
                    .isFalse();
        }
        byte[] longer = Arrays.copyOf(MESSAGE, MESSAGE.length + 1);
        assertThat(statements.verify(key.publicKey(), longer, signature)).isFalse();
        PublicKey other = key().publicKey();
        assertThat(statements.verify(other, MESSAGE, signature)).isFalse();
        assertThat(statements.size()).isEqualTo(1);
    }

    @Test
    void the_oldest_go_when_there_are_too_many() {
        for (int i = 0; i < 9; i++) {
            byte[] message = {(byte) i};
            assertThat(statements.verify(key.publicKey(), message, key.sign(message)))
                    .isTrue();
        }
        assertThat(statements.size()).isEqualTo(8);
    }
}
