package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedIndexTest {
    private static final byte[] DOCUMENT = "<repository/>\n".getBytes(StandardCharsets.UTF_8);
    private static final Instant THEN = Instant.parse("2027-01-01T00:00:00Z");

    @TempDir
    Path temp;

    private Ed25519.Signer signer;

    @BeforeEach
    void key() throws Exception {
        signer = Ed25519.generate(temp.resolve("key"));
    }

    @Test
    void a_signed_index_is_read_back_and_verified() throws Exception {
        SignedIndex index = SignedIndex.parse(SignedIndex.sign(DOCUMENT, THEN, signer));
        assertThat(index.document()).isEqualTo(DOCUMENT);
        assertThat(index.expires()).isEqualTo(THEN);
        assertThat(index.isBy(signer.id())).isTrue();
        assertThat(index.isBy(Ed25519.generate(temp.resolve("other")).id())).isFalse();
    }

    @Test
    void one_that_never_expires_says_so() throws Exception {
        byte[] file = SignedIndex.sign(DOCUMENT, Instant.MAX, signer);
        assertThat(new String(file, StandardCharsets.UTF_8)).contains(" never ");
        assertThat(SignedIndex.parse(file).expires()).isEqualTo(Instant.MAX);
        assertThat(SignedIndex.parse(file).isBy(signer.id())).isTrue();
    }

    @Test
    void the_instant_is_signed() throws Exception {
        String file = new String(SignedIndex.sign(DOCUMENT, THEN, signer), StandardCharsets.UTF_8);
        for (String other : new String[] {"never", "2028-01-01T00:00:00Z"}) {
            byte[] changed = file.replace(THEN.toString(), other).getBytes(StandardCharsets.UTF_8);
            assertThat(SignedIndex.parse(changed).isBy(signer.id())).as(other).isFalse();
        }
    }

    @Test
    void what_ends_otherwise_is_unsigned_as_a_whole() {
        for (String text : new String[] {
            "",
            "\n",
            "<repository/>",
            "<repository/>\n",
            "<!-- mycelium-index-v2 never -->\n",
            "<!-- mycelium-index-v2 never AAAA --> \n",
            "<!-- mycelium-index-v2 2027-99-01T00:00:00Z AAAA -->\n",
            "x".repeat(100_000)
        }) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            SignedIndex index = SignedIndex.parse(bytes);
            assertThat(index.document()).as(text).isEqualTo(bytes);
            assertThat(index.signature()).as(text).isEmpty();
            assertThat(index.isBy(signer.id())).as(text).isFalse();
        }
    }

    @Test
    void no_flipped_bit_is_taken_for_the_signed_file() throws Exception {
        byte[] good = SignedIndex.sign(DOCUMENT, THEN, signer);
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(SignedIndex.parse(bytes).isBy(signer.id()))
                    .as("seed %d, round %d", seed, i)
                    .isFalse();
        }
    }
}
