package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedSourcesTest {
    private static final String KEY = "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static final String DIGEST = "ab".repeat(32);
    private static final URI HERE = URI.create("https://example.org/repo/");

    @TempDir
    Path temp;

    private Path file() {
        return temp.resolve("state/sources");
    }

    private TrustedSources read() throws IOException {
        return new TrustedSources(file(), Optional.empty());
    }

    private static TrustedSource source(long sequence, String sha256) {
        return new TrustedSource(HERE, Optional.of(KEY), sequence, sha256);
    }

    @Test
    void what_is_trusted_and_seen_is_on_the_disk_at_once() throws Exception {
        read().put(source(7, DIGEST));
        assertThat(read().all()).containsExactly(source(7, DIGEST));
        assertThat(read().remove(HERE)).isPresent();
        assertThat(read().all()).isEmpty();
        assertThat(read().remove(HERE)).isEmpty();
    }

    @Test
    void an_older_index_or_another_with_the_same_number_is_refused_after_a_restart_too() throws Exception {
        read().put(source(7, DIGEST));
        TrustedSources again = read();
        assertThatThrownBy(() -> again.put(source(6, DIGEST))).hasMessageContaining("older than 7");
        assertThatThrownBy(() -> again.put(source(7, "cd".repeat(32)))).hasMessageContaining("two contents");
        again.put(source(8, "cd".repeat(32)));
        assertThat(read().get(HERE)).contains(source(8, "cd".repeat(32)));
    }

    @Test
    void a_new_key_begins_anew_and_unsigned_ones_have_no_order() throws Exception {
        TrustedSources sources = read();
        sources.put(source(7, DIGEST));
        var unsigned = new TrustedSource(HERE, Optional.empty(), 3, DIGEST);
        sources.put(unsigned);
        sources.put(new TrustedSource(HERE, Optional.empty(), 1, DIGEST));
        assertThat(read().get(HERE).orElseThrow().sequence()).isEqualTo(1);
    }

    @Test
    void what_cannot_be_saved_does_not_count() throws Exception {
        TrustedSources sources = read();
        sources.put(source(7, DIGEST));
        Files.delete(file());
        Files.createDirectories(file().resolve("in-the-way"));
        assertThatThrownBy(() -> sources.put(source(8, DIGEST))).hasMessageContaining("cannot be written");
        assertThat(sources.get(HERE)).contains(source(7, DIGEST));
    }

    @Test
    void a_bad_line_is_skipped_and_kept_and_the_others_count() throws Exception {
        Files.createDirectories(file().getParent());
        String good = source(7, DIGEST).line();
        Files.writeString(file(), "nonsense\n\n" + good + "\n" + KEY + " 1 - relative\nunsigned x - http://a/\n");
        TrustedSources sources = read();
        assertThat(sources.all()).containsExactly(source(7, DIGEST));
        sources.put(source(8, DIGEST));
        assertThat(file())
                .hasContent(source(8, DIGEST).line() + "\nnonsense\n" + KEY + " 1 - relative\nunsigned x - http://a/");
    }

    @Test
    void a_file_that_cannot_be_read_is_not_written_over_and_the_rest_goes_on() throws Exception {
        // Root reads what belongs to another, too, but nobody reads a folder.
        Files.createDirectories(file());
        var builtIn = new TrustedSource(URI.create("file:/dist/"), Optional.of(KEY), 1, DIGEST);
        var sources = new TrustedSources(file(), Optional.of(builtIn));
        assertThat(sources.all()).containsExactly(builtIn);
        assertThatThrownBy(() -> sources.put(source(7, DIGEST))).hasMessageContaining(file().toString());
        assertThat(sources.all()).containsExactly(builtIn);
        assertThat(file()).isEmptyDirectory();
    }

    @Test
    void whatever_is_in_the_file_the_node_comes_up() throws Exception {
        Files.createDirectories(file().getParent());
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = (source(7, DIGEST).line() + "\n").repeat(3).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(file(), bytes);
            assertThat(read().all())
                    .as("seed %d, round %d", seed, i)
                    .allSatisfy(s -> assertThat(TrustedSource.parse(s.line())).isEqualTo(s));
        }
    }

    @Test
    void the_distributions_own_is_not_in_the_file() throws Exception {
        var own = new TrustedSource(URI.create("file:/dist/repository/"), Optional.of(KEY), -1, "");
        var sources = new TrustedSources(file(), Optional.of(own));
        assertThat(sources.hasAdded()).isFalse();
        sources.put(own.seen(5, DIGEST));
        assertThat(file()).doesNotExist();
        sources.put(source(1, DIGEST));
        assertThat(sources.hasAdded()).isTrue();
        assertThat(file()).hasContent(source(1, DIGEST).line());
    }
}
