package network.mycelium.libp2p.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NodeKeyTest {
    private final NodeKey made = new NodeKey(new byte[NodeKey.SEED_SIZE]);

    @Test
    void a_key_that_was_kept_is_the_same_key() {
        NodeKey read = NodeKey.parse(made.message());
        assertThat(read.peerId()).isEqualTo(made.peerId());
        byte[] message = {1, 2, 3};
        assertThat(made.publicKey().verify(message, read.sign(message))).isTrue();
        assertThatCode(read::prove).doesNotThrowAnyException();
    }

    /// Two signatures of one message under different public halves tell the secret.
    @Test
    void a_key_with_another_public_half_signs_nothing() {
        byte[] message = made.message();
        for (int i = message.length - 32; i < message.length; i++) {
            byte[] damaged = message.clone();
            damaged[i] ^= 1;
            NodeKey read = NodeKey.parse(damaged);
            assertThatThrownBy(() -> read.sign(new byte[1]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("damaged");
            assertThatThrownBy(read::prove).hasMessageContaining("damaged");
        }
    }
}
