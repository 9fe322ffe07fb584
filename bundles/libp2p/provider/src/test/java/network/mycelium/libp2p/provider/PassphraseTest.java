package network.mycelium.libp2p.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseTest {
    @TempDir
    Path temp;

    private static final Optional<Passphrase> RIGHT = Optional.of(new Passphrase("correct horse"));

    @Test
    void a_key_is_locked_when_there_is_a_passphrase_and_is_the_same_key_after() throws IOException {
        Path file = temp.resolve("node.key");
        NodeKey plain = KeyFile.readOrMake(file, Optional.empty());
        byte[] before = Files.readAllBytes(file);

        assertThat(KeyFile.readOrMake(file, RIGHT).peerId()).isEqualTo(plain.peerId());
        byte[] locked = Files.readAllBytes(file);
        assertThat(new String(locked, StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(before, 4, 32, StandardCharsets.ISO_8859_1));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(KeyFile.readOrMake(file, RIGHT).peerId()).isEqualTo(plain.peerId());

        assertThatThrownBy(() -> KeyFile.readOrMake(file, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(Passphrase.VARIABLE);
        assertThatThrownBy(() -> KeyFile.readOrMake(file, Optional.of(new Passphrase("wrong"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the passphrase is wrong");
        assertThat(Files.readAllBytes(file)).isEqualTo(locked);
    }

    @Test
    void a_new_key_is_never_on_disk_in_the_clear() throws IOException {
        Path file = temp.resolve("node.key");
        KeyFile.readOrMake(file, RIGHT);
        assertThat(Passphrase.isLocked(Files.readAllBytes(file))).isTrue();
    }

    @Test
    void a_locked_key_that_was_changed_is_refused() throws IOException {
        Path file = temp.resolve("node.key");
        KeyFile.readOrMake(file, RIGHT);
        byte[] locked = Files.readAllBytes(file);
        for (int at : new int[] {25, 40, locked.length - 1}) {
            byte[] changed = locked.clone();
            changed[at] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> KeyFile.readOrMake(file, RIGHT)).isInstanceOf(IOException.class);
        }
        Files.write(file, java.util.Arrays.copyOf(locked, 30));
        assertThatThrownBy(() -> KeyFile.readOrMake(file, RIGHT)).hasMessageContaining("cut off");
    }

    @Test
    void the_passphrase_is_the_first_line_of_the_file_that_is_named() throws IOException {
        assertThat(Passphrase.read(null)).isEmpty();
        Path file = temp.resolve("passphrase");
        Files.writeString(file, "\n");
        assertThatThrownBy(() -> Passphrase.read(file.toString())).hasMessageContaining(Passphrase.VARIABLE);
    }
}
