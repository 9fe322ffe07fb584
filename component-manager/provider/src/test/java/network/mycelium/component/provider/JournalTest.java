package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.repository.BundleRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path temp;

    private static NodeSet set(long generation) {
        String digest = "%064x".formatted(generation);
        var ref = new BundleRef(
                "b" + generation,
                "1.0.0",
                digest,
                generation,
                URI.create("file:///x"),
                Optional.of("k"),
                "s",
                "MIT",
                List.of());
        var component = new ComponentRecord(
                "c" + generation,
                "1.0.0",
                digest,
                List.of(digest),
                List.of("operator"),
                true,
                false,
                "0.9.0",
                List.of());
        return new NodeSet(generation, Map.of(component.key(), component), Map.of(digest, ref));
    }

    @Test
    void the_last_set_survives() throws Exception {
        Path file = temp.resolve("journal");
        try (var journal = Journal.open(file)) {
            for (int i = 1; i <= 50; i++) {
                journal.append(set(i));
            }
        }
        try (var journal = Journal.open(file)) {
            assertThat(journal.last()).isEqualTo(set(50));
        }
    }

    @Test
    void it_stays_small() throws Exception {
        Path file = temp.resolve("journal");
        try (var journal = Journal.open(file)) {
            for (int i = 1; i <= 10_000; i++) {
                journal.append(set(i));
            }
        }
        assertThat(Files.size(file)).isLessThan(Journal.COMPACT_AT + 10_000);
        try (var journal = Journal.open(file)) {
            assertThat(journal.last()).isEqualTo(set(10_000));
        }
    }

    @Test
    void cut_at_any_byte_the_last_whole_record_counts() throws Exception {
        Path file = temp.resolve("journal");
        List<Long> ends = new ArrayList<>();
        try (var journal = Journal.open(file)) {
            ends.add(Files.size(file));
            for (int i = 1; i <= 5; i++) {
                journal.append(set(i));
                ends.add(Files.size(file));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int cut = 0; cut <= bytes.length; cut++) {
            Path torn = Files.write(temp.resolve("torn"), java.util.Arrays.copyOf(bytes, cut));
            long expected = 0;
            for (int i = 0; i < ends.size(); i++) {
                expected = ends.get(i) <= cut ? i : expected;
            }
            try (var journal = Journal.open(torn)) {
                assertThat(journal.last().generation()).as("cut at %d", cut).isEqualTo(expected);
                journal.append(set(99));
            }
            try (var journal = Journal.open(torn)) {
                assertThat(journal.last()).isEqualTo(set(99));
            }
        }
    }

    @Test
    void damaged_journals_give_a_set_that_was_written_or_none() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        Path file = temp.resolve("journal");
        try (var journal = Journal.open(file)) {
            for (int i = 1; i <= 5; i++) {
                journal.append(set(i));
            }
        }
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Path damaged = Files.write(temp.resolve("damaged"), bytes);
            try (var journal = Journal.open(damaged)) {
                long generation = journal.last().generation();
                assertThat(generation).as("seed %d, round %d", seed, i).isBetween(0L, 5L);
                assertThat(journal.last()).isEqualTo(generation == 0 ? NodeSet.EMPTY : set(generation));
            }
        }
    }

    @Test
    void random_bytes_are_no_set() {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = NodeSetCodec.encode(set(7));
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(5); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                NodeSetCodec.decode(java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
                NodeSetCodec.decode(bytes);
            } catch (IOException e) {
                // Refused, as it should be; anything else fails the test.
                assertThat(e).isNotNull();
            }
        }
    }
}
