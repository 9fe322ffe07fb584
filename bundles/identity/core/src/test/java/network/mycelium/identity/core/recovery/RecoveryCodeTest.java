package network.mycelium.identity.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import network.mycelium.identity.core.wire.Hash;
import org.junit.jupiter.api.Test;

class RecoveryCodeTest {
    private static List<String> vectors() throws IOException {
        try (var in = RecoveryCodeTest.class.getResourceAsStream("/network/mycelium/identity/core/bip39.tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        }
    }

    @Test
    void the_vectors_of_bip39_hold_in_both_directions() throws IOException {
        assertThat(vectors()).hasSizeGreaterThanOrEqualTo(8);
        for (String vector : vectors()) {
            byte[] entropy = HexFormat.of().parseHex(vector.split("\t")[0]);
            String words = vector.split("\t")[1];
            assertThat(RecoveryCode.of(entropy).words()).isEqualTo(words);
            assertThat(RecoveryCode.parse(words).words()).isEqualTo(words);
            assertThat(RecoveryCode.parse(words).seed())
                    .isEqualTo(RecoveryCode.of(entropy).seed());
        }
    }

    @Test
    void the_seed_is_the_hash_of_domain_and_entropy() {
        byte[] entropy = new byte[32];
        byte[] domain = "mycelium-recovery-key\0".getBytes(StandardCharsets.UTF_8);
        assertThat(RecoveryCode.of(entropy).seed())
                .isEqualTo(Hash.sha256(domain, entropy).bytes());
    }

    @Test
    void case_and_spaces_do_not_matter() throws IOException {
        String words = vectors().getFirst().split("\t")[1];
        String typed = "\n  " + words.toUpperCase(java.util.Locale.ROOT).replace(" ", "  \n");
        assertThat(RecoveryCode.parse(typed).words()).isEqualTo(words);
    }

    @Test
    void two_words_in_each_others_place_are_noticed() {
        String[] words =
                RecoveryCode.of(Hash.sha256(new byte[0]).bytes()).words().split(" ");
        String first = words[0];
        words[0] = words[1];
        words[1] = first;
        assertThatThrownBy(() -> RecoveryCode.parse(String.join(" ", words)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void a_mistyped_word_is_named_by_its_place_and_not_shown() {
        String[] words = RecoveryCode.of(new byte[32]).words().split(" ");
        words[6] = "secretword";
        assertThatThrownBy(() -> RecoveryCode.parse(String.join(" ", words)))
                .hasMessageContaining("Word 7")
                .hasMessageNotContaining("secretword");
    }

    @Test
    void too_few_and_too_many_words_are_refused() {
        String words = RecoveryCode.of(new byte[32]).words();
        for (String wrong : List.of("", "abandon", words + " art", words.substring(0, words.lastIndexOf(' ')))) {
            assertThatThrownBy(() -> RecoveryCode.parse(wrong)).hasMessageContaining("24 words");
        }
    }

    @Test
    void a_code_does_not_print_itself() {
        byte[] entropy = new byte[32];
        Arrays.fill(entropy, (byte) 0x7f);
        assertThat(RecoveryCode.of(entropy)).hasToString("a recovery code");
    }
}
