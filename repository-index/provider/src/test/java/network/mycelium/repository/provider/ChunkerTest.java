package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import network.mycelium.files.Sha256;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static byte[] noise(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void chunks_are_the_whole_file_in_its_order_within_the_limits() throws IOException {
        for (int size : new int[] {1, 16_383, 16_384, 70_000, 3_000_000}) {
            byte[] file = noise(size, size);
            int at = 0;
            for (Chunk chunk : Chunker.cut(new ByteArrayInputStream(file))) {
                assertThat(chunk.size()).isBetween(1, BundleRef.MAX_CHUNK);
                assertThat(chunk.sha256()).isEqualTo(Sha256.of(Arrays.copyOfRange(file, at, at + chunk.size())));
                at += chunk.size();
            }
            assertThat(at).isEqualTo(size);
        }
    }

    @Test
    void a_file_of_one_byte_over_and_over_is_cut_at_the_largest_chunk() throws IOException {
        assertThat(Chunker.cut(new ByteArrayInputStream(new byte[1_000_000])))
                .allMatch(chunk -> chunk.size() <= BundleRef.MAX_CHUNK);
    }

    @Test
    void two_versions_share_most_chunks_though_one_has_more_in_its_middle() throws IOException {
        byte[] before = noise(4_000_000, 1);
        var after = new ByteArrayOutputStream();
        after.write(before, 0, 1_000_001);
        after.writeBytes(noise(777, 2));
        after.write(before, 1_000_001, before.length - 1_000_001);

        List<Chunk> fresh = Chunker.cut(new ByteArrayInputStream(after.toByteArray()));
        var known = new HashSet<>(Chunker.cut(new ByteArrayInputStream(before)));

        int travels = fresh.stream()
                .filter(c -> !known.contains(c))
                .mapToInt(Chunk::size)
                .sum();
        assertThat(travels).isLessThan(400_000);
        assertThat(fresh.stream().mapToInt(Chunk::size).average().orElseThrow()).isBetween(40_000.0, 120_000.0);
    }
}
