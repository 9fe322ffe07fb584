package network.mycelium.libp2p.core.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.Test;

class NoiseTest {
    private static final byte[] NONE = {};
    private final SecureRandom random = new SecureRandom();

    private NodeKey key() {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return new NodeKey(seed);
    }

    private NoiseHandshake side(boolean initiator, NodeKey key, String... muxers) {
        return new NoiseHandshake(initiator, NoiseIdentity.of(key, random), random, Optional.empty(), List.of(muxers));
    }

    private static void run(NoiseHandshake a, NoiseHandshake b) throws NoiseException {
        b.read(a.write());
        a.read(b.write());
        b.read(a.write());
    }

    private static byte[] seal(CipherState cipher, String text) throws NoiseException {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[plain.length + CipherState.TAG];
        cipher.seal(NONE, plain, 0, plain.length, out, 0);
        return out;
    }

    private static String open(CipherState cipher, byte[] sealed) throws NoiseException {
        byte[] out = new byte[sealed.length];
        return new String(out, 0, cipher.open(NONE, sealed, 0, sealed.length, out, 0), StandardCharsets.UTF_8);
    }

    @Test
    void both_sides_learn_who_the_other_is_and_the_muxer() throws Exception {
        NodeKey left = key();
        NodeKey right = key();
        NoiseHandshake a = side(true, left, "/x", "/yamux/1.0.0");
        NoiseHandshake b = side(false, right, "/yamux/1.0.0", "/y");
        run(a, b);
        NoiseHandshake.Result ra = a.finish();
        NoiseHandshake.Result rb = b.finish();
        assertThat(ra.remote()).isEqualTo(right.publicKey());
        assertThat(rb.remote()).isEqualTo(left.publicKey());
        assertThat(ra.muxer()).contains("/yamux/1.0.0").isEqualTo(rb.muxer());
        assertThat(open(rb.receiving(), seal(ra.sending(), "there"))).isEqualTo("there");
        assertThat(open(ra.receiving(), seal(rb.sending(), "back"))).isEqualTo("back");
    }

    @Test
    void what_is_repeated_reordered_truncated_or_changed_does_not_open() throws Exception {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        var sending = new CipherState(secret, 0);
        var receiving = new CipherState(secret, 0);
        byte[] first = seal(sending, "first");
        byte[] second = seal(sending, "second");
        assertThatThrownBy(() -> open(receiving, second)).isInstanceOf(NoiseException.class);
        assertThat(open(receiving, first)).isEqualTo("first");
        assertThatThrownBy(() -> open(receiving, first)).isInstanceOf(NoiseException.class);
        byte[] changed = second.clone();
        changed[0] ^= 1;
        assertThatThrownBy(() -> open(receiving, changed)).isInstanceOf(NoiseException.class);
        assertThatThrownBy(() -> open(receiving, Arrays.copyOf(second, second.length - 1)))
                .isInstanceOf(NoiseException.class);
        assertThat(open(receiving, second)).isEqualTo("second");
    }

    @Test
    void the_last_nonce_is_never_used() throws Exception {
        var cipher = new CipherState(new byte[32], -2);
        seal(cipher, "the last one");
        assertThatThrownBy(() -> seal(cipher, "one too many"))
                .isInstanceOf(NoiseException.class)
                .hasMessageContaining("used up");
    }

    @Test
    void any_changed_handshake_fails_and_in_no_other_way() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var chance = new Random(seed);
        NodeKey left = key();
        NodeKey right = key();
        for (int i = 0; i < 500; i++) {
            NoiseHandshake a = side(true, left, "/yamux/1.0.0");
            NoiseHandshake b = side(false, right, "/yamux/1.0.0");
            int victim = chance.nextInt(3);
            assertThatThrownBy(() -> {
                        b.read(mutate(a.write(), victim == 0, chance));
                        a.read(mutate(b.write(), victim == 1, chance));
                        b.read(mutate(a.write(), victim == 2, chance));
                    })
                    .as("seed %d round %d", seed, i)
                    .isInstanceOf(NoiseException.class);
        }
    }

    private static byte[] mutate(byte[] message, boolean really, Random chance) {
        if (!really) {
            return message;
        }
        if (chance.nextInt(4) == 0) {
            return Arrays.copyOf(message, chance.nextInt(Math.min(message.length, 32)));
        }
        byte[] changed = message.clone();
        // The highest bit of an X25519 key is ignored (RFC 7748), but the hash over the message is not.
        changed[chance.nextInt(changed.length)] ^= (byte) (1 << chance.nextInt(8));
        return changed;
    }

    @Test
    void somebody_else_than_expected_is_refused() throws Exception {
        var a = new NoiseHandshake(
                true, NoiseIdentity.of(key(), random), random, Optional.of(key().peerId()), List.of());
        NoiseHandshake b = side(false, key());
        b.read(a.write());
        byte[] answer = b.write();
        assertThatThrownBy(() -> a.read(answer))
                .isInstanceOf(NoiseException.class)
                .hasMessageContaining(", not ");
    }
}
