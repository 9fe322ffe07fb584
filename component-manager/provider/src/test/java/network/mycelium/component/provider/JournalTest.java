package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        return new NodeSet(generation, Map.of(component.key(), component), Map.of(digest, ref), Map.of());
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
        for (int i = 0; i < 300; i++) {
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
    void random_bytes_are_no_set() throws Exception {
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

    private byte[] written(int sets) throws Exception {
        Path file = temp.resolve("written");
        Files.deleteIfExists(file);
        try (var journal = Journal.open(file)) {
            for (int i = 1; i <= sets; i++) {
                journal.append(set(i));
            }
        }
        return Files.readAllBytes(file);
    }

    /// One bit early in the file took all later sets with it.
    @Test
    void one_flipped_bit_anywhere_but_in_the_last_record_costs_nothing() throws Exception {
        byte[] good = written(5);
        int last = written(4).length;
        for (int at = "MYCSETS1".length(); at < last; at += 7) {
            byte[] bytes = good.clone();
            bytes[at] ^= 1;
            Path damaged = Files.write(temp.resolve("flipped"), bytes);
            try (var journal = Journal.open(damaged)) {
                assertThat(journal.last()).as("byte %d", at).isEqualTo(set(5));
                assertThat(journal.refusal()).isEmpty();
                assertThat(Files.readAllBytes(temp.resolve("flipped.damaged"))).isEqualTo(bytes);
                journal.append(set(6));
            }
            try (var journal = Journal.open(damaged)) {
                assertThat(journal.last()).isEqualTo(set(6));
            }
        }
    }

    @Test
    void a_file_of_another_format_is_left_as_it_is_and_every_change_is_refused() throws Exception {
        byte[] other = written(3);
        other["MYCSETS".length()] = '2';
        byte[] content = NodeSetCodec.encode(set(3));
        content[0] = 77;
        byte[] otherRecord = java.util.Arrays.copyOf(written(2), written(2).length + 8 + content.length);
        var crc = new java.util.zip.CRC32C();
        crc.update(content);
        java.nio.ByteBuffer.wrap(otherRecord, written(2).length, 8 + content.length)
                .putInt(content.length)
                .putInt((int) crc.getValue())
                .put(content);
        for (byte[] bytes : List.of(other, otherRecord)) {
            Path file = Files.write(temp.resolve("other"), bytes);
            try (var journal = Journal.open(file)) {
                assertThat(journal.last()).isEqualTo(NodeSet.EMPTY);
                assertThat(journal.refusal()).contains("does not know").contains("move it away");
                assertThatThrownBy(() -> journal.append(set(1))).hasMessageContaining("does not know");
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        }
    }

    @Test
    void what_is_no_file_at_all_is_refused_and_said() throws Exception {
        Path folder = Files.createDirectories(temp.resolve("folder"));
        try (var journal = Journal.open(folder)) {
            assertThat(journal.refusal()).contains(folder.toString());
            assertThatThrownBy(() -> journal.append(set(1))).isInstanceOf(IOException.class);
        }
        Path under = Files.writeString(temp.resolve("file"), "x").resolve("journal");
        try (var journal = Journal.open(under)) {
            assertThat(journal.refusal()).isNotEmpty();
        }
    }

    @Test
    void an_interrupted_thread_writes_as_any_other() throws Exception {
        Path file = temp.resolve("journal");
        try (var journal = Journal.open(file)) {
            Thread.currentThread().interrupt();
            journal.append(set(1));
            assertThat(Thread.interrupted()).isTrue();
            journal.append(set(2));
        }
        try (var journal = Journal.open(file)) {
            assertThat(journal.last()).isEqualTo(set(2));
        }
    }

    @Test
    void a_set_that_has_no_room_is_refused_and_the_one_before_counts() throws Exception {
        Path file = temp.resolve("journal");
        var record = set(2).components().get("c2@1.0.0").withWishes(List.of("x".repeat(70_000)));
        try (var journal = Journal.open(file)) {
            journal.append(set(1));
            assertThatThrownBy(() -> journal.append(set(2).replace(record))).hasMessageContaining("65,535");
            assertThat(journal.last()).isEqualTo(set(1));
            journal.append(set(3));
        }
        try (var journal = Journal.open(file)) {
            assertThat(journal.last()).isEqualTo(set(3));
        }
    }

    @Test
    void rejected_versions_survive_and_are_bounded() throws Exception {
        Path file = temp.resolve("journal");
        NodeSet set = set(1);
        for (int i = 0; i < NodeSet.MAX_REJECTED + 5; i++) {
            ComponentRecord component = set(i).components().get("c" + i + "@1.0.0");
            set = set.rejecting(component, "it fell", i);
        }
        try (var journal = Journal.open(file)) {
            journal.append(set);
        }
        try (var journal = Journal.open(file)) {
            assertThat(journal.last()).isEqualTo(set);
            assertThat(journal.last().rejected()).hasSize(NodeSet.MAX_REJECTED);
            assertThat(journal.last().rejected().values())
                    .allMatch(rejected ->
                            rejected.atMillis() >= 5 && rejected.problem().equals("it fell"));
        }
    }
}
