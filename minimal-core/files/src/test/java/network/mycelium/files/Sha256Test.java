package network.mycelium.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
    /// FIPS 180-4, the example of one block.
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path temp;

    @Test
    void bytes_parts_and_files_have_the_same_digest() throws IOException {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        assertThat(Sha256.of(abc)).isEqualTo(ABC);
        assertThat(Sha256.of("-abc-".getBytes(StandardCharsets.US_ASCII), 1, 3)).isEqualTo(ABC);
        Path file = Files.write(temp.resolve("file"), abc);
        assertThat(Sha256.of(file)).isEqualTo(ABC);
        byte[] large = new byte[1_000_000];
        large[999_999] = 1;
        assertThat(Sha256.of(Files.write(file, large))).isEqualTo(Sha256.of(large));
    }
}
