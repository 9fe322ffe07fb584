package network.mycelium.storage.provider.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.Damages;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Files that are not what was written: what is damaged is told, the rest is read, and nothing is passed over.
class LogDamageTest {
    private static final int RECORDS = 60;

    private final Random salts = new Random(3);
    private PowerDisk good;
    private List<String> files;

    @BeforeEach
    void write() throws Exception {
        good = new PowerDisk();
        try (var log = open(good)) {
            for (int i = 1; i <= RECORDS; i++) {
                log.append(SegmentedLogTest.record(i, 100));
            }
        }
        files = good.names().stream().filter(LogSegment::isName).toList();
        assertThat(files).hasSizeBetween(3, 6);
    }

    private SegmentedLog open(PowerDisk disk) throws Exception {
        return SegmentedLog.open(disk, 1L << 30, 2048, salts::nextLong);
    }

    /// The indexes that can be read; each gives what was written.
    private static List<Long> readable(Log log, String where) {
        List<Long> indexes = new ArrayList<>();
        for (long i = log.first(); i < log.next(); i++) {
            try {
                assertThat(log.read(i, 1).getFirst()).as(where).isEqualTo(SegmentedLogTest.record(i, 100));
                indexes.add(i);
            } catch (DamagedException e) {
                assertThat(e.getMessage()).containsAnyOf("is damaged", "are gone");
            }
        }
        return indexes;
    }

    /// Each record is read, told as damaged, or behind the end.
    private static List<Long> check(Log log, String where) {
        List<Long> readable = readable(log, where);
        List<Log.Damage> damage = log.scrub();
        for (long i = 1; i < log.next(); i++) {
            long index = i;
            assertThat(readable.contains(i) || damage.stream().anyMatch(d -> d.first() <= index && index <= d.last()))
                    .as("%s: record %d, damage %s", where, i, damage)
                    .isTrue();
        }
        return readable;
    }

    @Test
    void one_flipped_bit_costs_one_record_and_never_its_neighbours() throws Exception {
        for (String name : files) {
            int length = good.bytes(name).length;
            for (int at = 0; at < length; at += 5) {
                PowerDisk disk = good.copy();
                disk.bytes(name)[at] ^= (byte) (1 << at % 8);
                String where = name + " byte " + at;
                if (at < 8) {
                    // Of the magic: another format, or a header that is not needed.
                    try (var log = open(disk)) {
                        assertThat(readable(log, where)).hasSize(RECORDS);
                    } catch (StorageException e) {
                        assertThat(e).hasMessageContaining("has format");
                    }
                    continue;
                }
                try (var log = open(disk)) {
                    List<Long> readable = check(log, where);
                    assertThat(log.next()).as(where).isEqualTo(RECORDS + 1L);
                    assertThat(readable).as(where).hasSizeGreaterThanOrEqualTo(RECORDS - 1);
                    if (readable.size() < RECORDS) {
                        assertThat(log.damage()).as(where).hasSize(1);
                        assertThat(log.damage().getFirst().first())
                                .isEqualTo(log.damage().getFirst().last());
                    }
                }
            }
        }
    }

    @Test
    void a_read_stops_before_the_damage_and_goes_on_behind_it_only_when_asked() throws Exception {
        String name = files.get(1);
        long first = Long.parseLong(name.substring(0, 16), 16);
        good.bytes(name)[LogSegment.HEADER + 128 * 3 + 60] ^= 4;
        try (var log = open(good)) {
            assertThat(log.read(1, 1 << 20)).hasSize((int) first + 2);
            assertThatThrownBy(() -> log.read(first + 3, 1 << 20))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("Record " + (first + 3) + " is damaged")
                    .hasMessageContaining(name);
            assertThat(log.read(first + 4, 1 << 20)).hasSize((int) (RECORDS - first - 3));
            assertThat(log.damage()).hasSize(1);
            assertThat(log.append(new byte[1])).isEqualTo(RECORDS + 1);
        }
    }

    @Test
    void a_damaged_end_takes_nothing_until_it_is_given_up() throws Exception {
        String name = files.getLast();
        byte[] bytes = good.bytes(name);
        // As after a crash, when no mark says that all is whole.
        bytes = Arrays.copyOf(bytes, bytes.length - LogFrame.BYTES);
        bytes[bytes.length - 120] ^= 1;
        good.bytes(name, bytes);
        for (int round = 0; round < 2; round++) {
            try (var log = open(good)) {
                assertThat(log.next()).isEqualTo(RECORDS);
                assertThat(log.damage()).hasSize(1);
                assertThatThrownBy(() -> log.append(new byte[1]))
                        .isInstanceOf(DamagedException.class)
                        .hasMessageContaining("truncate the log from record " + RECORDS);
                assertThat(readable(log, "end")).hasSize(RECORDS - 1);
            }
        }
        try (var log = open(good)) {
            log.truncateFrom(RECORDS);
            assertThat(log.damage()).isEmpty();
            assertThat(log.append(SegmentedLogTest.record(RECORDS, 100))).isEqualTo(RECORDS);
        }
        try (var log = open(good)) {
            assertThat(check(log, "given up")).hasSize(RECORDS);
        }
    }

    @Test
    void a_lost_file_is_told_and_the_others_are_read() throws Exception {
        for (String lost : files) {
            PowerDisk disk = good.copy();
            disk.remove(lost);
            try (var log = open(disk)) {
                List<Long> readable = check(log, lost);
                assertThat(readable).hasSizeBetween(RECORDS / 2, RECORDS - 5);
                if (!lost.equals(files.getLast())) {
                    assertThat(log.next()).isEqualTo(RECORDS + 1L);
                    assertThat(log.damage()).isNotEmpty();
                }
            }
        }
        files.forEach(good::remove);
        assertThatThrownBy(() -> open(good))
                .hasMessageContaining("has lost its records")
                .hasMessageContaining("backup");
    }

    @Test
    void damage_in_the_middle_stays_told_when_the_end_is_dropped() throws Exception {
        String name = files.getFirst();
        byte[] bytes = good.bytes(name);
        Arrays.fill(bytes, LogSegment.HEADER + 256, LogSegment.HEADER + 1100, (byte) 0);
        try (var log = open(good)) {
            log.truncateFrom(13);
            assertThat(log.next()).isEqualTo(13);
            check(log, "truncated");
            log.append(new byte[1]);
        }
        try (var log = open(good)) {
            assertThat(log.next()).isEqualTo(14);
            assertThat(log.damage()).hasSize(1);
            assertThat(log.damage().getFirst().first()).isEqualTo(3);
            assertThat(log.damage().getFirst().last()).isEqualTo(9);
        }
    }

    @Test
    void whatever_the_bytes_are_it_opens_or_says_why_not() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < Integer.getInteger("damages", 2000); round++) {
            PowerDisk disk = good.copy();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damage(disk, random);
            }
            String where = "seed %d round %d".formatted(seed, round);
            long next;
            try (var log = open(disk)) {
                List<Long> readable = check(log, where);
                next = log.next();
                assertThat(next).as(where).isBetween(1L, RECORDS + 1L);
                log.truncateFrom(next);
                log.append(new byte[7]);
                assertThat(readable(log, where, next)).isEqualTo(readable);
            } catch (StorageException e) {
                assertThat(e.getMessage()).as(where).containsAnyOf("has format", "has lost its records");
                continue;
            }
            try (var log = open(disk)) {
                assertThat(log.next()).as(where).isEqualTo(next + 1);
                assertThat(log.read(next, 1).getFirst()).as(where).isEqualTo(new byte[7]);
            }
        }
    }

    private static List<Long> readable(Log log, String where, long end) {
        List<Long> indexes = new ArrayList<>();
        for (long i = log.first(); i < end; i++) {
            try {
                assertThat(log.read(i, 1).getFirst()).as(where).isEqualTo(SegmentedLogTest.record(i, 100));
                indexes.add(i);
            } catch (DamagedException e) {
                assertThat(e.getMessage()).containsAnyOf("is damaged", "are gone");
            }
        }
        return indexes;
    }

    private void damage(PowerDisk disk, Random random) {
        String name = files.get(random.nextInt(files.size()));
        if (!disk.names().contains(name) || disk.bytes(name).length == 0) {
            return;
        }
        int kind = random.nextInt(Damages.KINDS + 1);
        if (kind == Damages.KINDS) {
            Damages.lengthen(disk, name, random);
        } else {
            Damages.damage(disk, name, kind, random);
        }
    }
}
