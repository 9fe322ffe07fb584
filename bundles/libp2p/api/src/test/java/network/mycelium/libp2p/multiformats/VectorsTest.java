package network.mycelium.libp2p.multiformats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The vectors of multiformats/multibase (tests) and multiformats/multihash (tests/values), unchanged, in the test
/// resources.
class VectorsTest {
    @TestFactory
    List<DynamicTest> multibase_encodes_and_decodes_as_the_vectors_say() {
        return List.of("basic.csv", "leading_zero.csv", "two_leading_zeros.csv").stream()
                .flatMap(file -> rows(file).stream().skip(1).map(row -> {
                    byte[] plain = unescape(rows(file).getFirst()[1]);
                    return DynamicTest.dynamicTest(file + " " + row[0], () -> {
                        Multibase base = base(row[0]);
                        assertThat(base.encode(plain)).isEqualTo(row[1]);
                        assertThat(Multibase.decode(row[1]).base()).isEqualTo(base);
                        assertThat(Multibase.decode(row[1]).bytes()).isEqualTo(plain);
                    });
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> multibase_reads_either_case_where_the_base_has_one() {
        return rows("case_insensitivity.csv").stream()
                .skip(1)
                .map(row -> DynamicTest.dynamicTest(
                        row[0],
                        () -> assertThat(Multibase.decode(row[1]).bytes())
                                .asString(StandardCharsets.UTF_8)
                                .isEqualTo("hello world")))
                .toList();
    }

    @Test
    void multihash_digests_as_the_vectors_say() {
        List<String[]> rows = rows("multihash.csv");
        for (String[] row : rows.subList(1, rows.size())) {
            int bits = Integer.parseInt(row[1]);
            String name = row[0].equals("sha3") ? "sha3-" + fullBits(row, bits) : row[0];
            Multicodec codec = Arrays.stream(Multicodec.values())
                    .filter(c -> c.label().equals(name))
                    .findFirst()
                    .orElseThrow();
            Multihash hash = Multihash.digest(codec, row[2].getBytes(StandardCharsets.UTF_8), bits / 8);
            assertThat(hash).as(String.join(",", row)).hasToString(row[3]);
            assertThat(Multihash.parse(HexFormat.of().parseHex(row[3]))).isEqualTo(hash);
        }
        assertThat(rows).hasSize(261);
    }

    /// The vectors call every SHA-3 the same; the code tells which it is.
    private static int fullBits(String[] row, int bits) {
        return switch (row[3].substring(0, 2)) {
            case "14" -> 512;
            case "15" -> 384;
            case "16" -> 256;
            case "17" -> 224;
            default -> bits;
        };
    }

    @Test
    void what_is_no_multibase_is_refused_with_a_reason() {
        assertThatThrownBy(() -> Multibase.decode("?abc")).hasMessageContaining("No multibase begins like");
        assertThatThrownBy(() -> Multibase.decode("f0g")).hasMessageContaining("it holds g");
        assertThatThrownBy(() -> Multibase.decode("cbnbswy3dp")).hasMessageContaining("not padded");
    }

    private static Multibase base(String name) {
        String key = name.replace("-", "").toLowerCase(java.util.Locale.ROOT);
        return Arrays.stream(Multibase.values())
                .filter(b -> b.name()
                        .replace("_", "")
                        .toLowerCase(java.util.Locale.ROOT)
                        .equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no base " + name));
    }

    private static byte[] unescape(String text) {
        return text.replace("\\x00", "\0").getBytes(StandardCharsets.UTF_8);
    }

    private static List<String[]> rows(String file) {
        try (var in = VectorsTest.class.getResourceAsStream("/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> line.split(","))
                    .map(cells -> Arrays.stream(cells)
                            .map(cell -> cell.strip().replaceAll("^\"|\"$", ""))
                            .toArray(String[]::new))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
