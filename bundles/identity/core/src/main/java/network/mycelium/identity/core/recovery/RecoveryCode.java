package network.mycelium.identity.core.recovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import network.mycelium.identity.core.wire.Hash;

/// A recovery code: 24 words of BIP-39's English list, which are 256 bits of chance and a checksum of 8 bits. Keep it
/// secret: whoever has it signs charters by it.
///
/// The key's Ed25519 seed is SHA-256 of `mycelium-recovery-key`, a zero byte and the 256 bits. BIP-39's own way from
/// words to a seed is for wallets, costs 2,048 rounds for nothing where all 256 bits are by chance, and would make one
/// code open both.
public final class RecoveryCode {
    public static final int WORDS = 24;
    /// Bytes of chance.
    public static final int ENTROPY = 32;

    private static final int BITS_OF_WORD = 11;
    private static final byte[] DOMAIN = "mycelium-recovery-key\0".getBytes(StandardCharsets.UTF_8);
    private static final List<String> LIST = load();

    private final byte[] entropy;

    private RecoveryCode(byte[] entropy) {
        this.entropy = entropy;
    }

    /// @param entropy 32 bytes by chance
    public static RecoveryCode of(byte[] entropy) {
        if (entropy.length != ENTROPY) {
            throw new IllegalArgumentException("A recovery code has 32 bytes of chance, not " + entropy.length);
        }
        return new RecoveryCode(entropy.clone());
    }

    /// @param text 24 words, in either case, with any space between them
    /// @throws IllegalArgumentException which says the place of a word that is not in the list, but no word
    public static RecoveryCode parse(String text) {
        List<String> words = Arrays.stream(text.strip().split("\\s+", WORDS + 2))
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
        if (words.size() != WORDS) {
            throw new IllegalArgumentException("A recovery code has 24 words; give all of them, with spaces between");
        }
        byte[] bits = new byte[ENTROPY + 1];
        for (int i = 0; i < WORDS; i++) {
            int index = Collections.binarySearch(LIST, words.get(i));
            if (index < 0) {
                throw new IllegalArgumentException(
                        "Word %d of the recovery code is not in the list: look for a typing error".formatted(i + 1));
            }
            for (int bit = 0; bit < BITS_OF_WORD; bit++) {
                if ((index >> (BITS_OF_WORD - 1 - bit) & 1) != 0) {
                    int at = i * BITS_OF_WORD + bit;
                    bits[at / 8] |= (byte) (0x80 >> at % 8);
                }
            }
        }
        byte[] entropy = Arrays.copyOf(bits, ENTROPY);
        if (bits[ENTROPY] != checksum(entropy)) {
            throw new IllegalArgumentException(
                    "The recovery code's checksum is wrong: a word is wrong, or two are in each other's place");
        }
        return new RecoveryCode(entropy);
    }

    /// The 24 words, with one space between them.
    public String words() {
        byte[] bits = Arrays.copyOf(entropy, ENTROPY + 1);
        bits[ENTROPY] = checksum(entropy);
        List<String> words = new ArrayList<>(WORDS);
        for (int i = 0; i < WORDS; i++) {
            int index = 0;
            for (int at = i * BITS_OF_WORD; at < (i + 1) * BITS_OF_WORD; at++) {
                index = index << 1 | bits[at / 8] >> (7 - at % 8) & 1;
            }
            words.add(LIST.get(index));
        }
        return String.join(" ", words);
    }

    /// The seed of the key, 32 bytes. Keep it secret.
    public byte[] seed() {
        return Hash.sha256(DOMAIN, entropy).bytes();
    }

    private static byte checksum(byte[] entropy) {
        return Hash.sha256(entropy).bytes()[0];
    }

    private static List<String> load() {
        try (InputStream in = RecoveryCode.class.getResourceAsStream("english.txt")) {
            if (in == null) {
                throw new IllegalStateException("The word list is missing from the bundle");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("The word list cannot be read", e);
        }
    }

    /// Says nothing of the secret.
    @Override
    public String toString() {
        return "a recovery code";
    }
}
