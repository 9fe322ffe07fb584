package network.mycelium.storage.provider.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;
import network.mycelium.storage.provider.disk.FolderDisk;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a log does when all is well, and when somebody else took the room.
class SegmentedLogTest {
    static final long QUOTA = 64L << 20;

    @TempDir
    Path temp;

    private final Random salts = new Random(1);
    private final PowerDisk disk = new PowerDisk();

    static byte[] record(long index, int size) {
        byte[] bytes = new byte[size];
        new Random(index).nextBytes(bytes);
        return bytes;
    }

    private SegmentedLog open() throws Exception {
        return open(4096);
    }

    private SegmentedLog open(int segment) throws Exception {
        return SegmentedLog.open(disk, QUOTA, segment, salts::nextLong);
    }

    private static void fill(Log log, int from, int to) {
        for (int i = from; i <= to; i++) {
            assertThat(log.append(record(i, 100 + i % 50))).isEqualTo(i);
        }
    }

    private static void check(Log log, int from, int to) {
        assertThat(log.first()).isEqualTo(from);
        assertThat(log.next()).isEqualTo(to + 1L);
        long at = from;
        while (at <= to) {
            List<byte[]> records = log.read(at, 1000);
            assertThat(records).isNotEmpty();
            for (byte[] record : records) {
                assertThat(record).isEqualTo(record(at, (int) (100 + at % 50)));
                at++;
            }
        }
        assertThat(log.read(to + 1L, 1000)).isEmpty();
    }

    @Test
    void records_are_read_from_any_index_also_after_it_was_opened_again() throws Exception {
        try (var log = open()) {
            assertThat(log.first()).isEqualTo(1);
            assertThat(log.next()).isEqualTo(1);
            fill(log, 1, 200);
            check(log, 1, 200);
            assertThat(log.read(77, 1)).containsExactly(record(77, 127));
        }
        for (int round = 0; round < 3; round++) {
            try (var log = open()) {
                check(log, 1, 200 + round);
                fill(log, 201 + round, 201 + round);
                assertThat(log.damage()).isEmpty();
                assertThat(log.scrub()).isEmpty();
            }
        }
        assertThat(disk.names()).hasSizeGreaterThan(5);
    }

    @Test
    void nothing_more_is_written_by_opening_and_closing() throws Exception {
        try (var log = open()) {
            fill(log, 1, 10);
        }
        long bytes;
        try (var log = open()) {
            bytes = log.bytes();
        }
        long calls = disk.calls();
        for (int i = 0; i < 5; i++) {
            open().close();
        }
        assertThat(disk.calls()).isEqualTo(calls);
        try (var log = open()) {
            assertThat(log.bytes()).isEqualTo(bytes);
        }
    }

    @Test
    void records_of_every_size_are_kept() throws Exception {
        int[] sizes = {0, 1, 7, 8, 9, 511, 512, 4096, 131_072, 131_048, 131_049, 300_000, Log.MAX_APPEND};
        try (var log = open()) {
            for (int size : sizes) {
                log.append(record(size, size));
            }
        }
        try (var log = open()) {
            for (int i = 0; i < sizes.length; i++) {
                assertThat(log.read(i + 1L, 1).getFirst()).isEqualTo(record(sizes[i], sizes[i]));
            }
            assertThatThrownBy(() -> log.append(new byte[Log.MAX_APPEND + 1]))
                    .hasMessageContaining("16,777,217 bytes")
                    .hasMessageContaining("at most 16,777,216");
            assertThatThrownBy(() -> log.append(List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void the_beginning_is_dropped_and_its_files_with_it() throws Exception {
        try (var log = open()) {
            fill(log, 1, 200);
            int files = disk.names().size();
            log.truncateBefore(150);
            check(log, 150, 200);
            assertThat(disk.names().size()).isLessThan(files - 3);
            log.truncateBefore(100);
            check(log, 150, 200);
            assertThatThrownBy(() -> log.read(149, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("records 150 to 200, not 149");
        }
        try (var log = open()) {
            check(log, 150, 200);
            log.truncateBefore(201);
            check(log, 201, 200);
            fill(log, 201, 210);
            log.truncateBefore(1000);
            check(log, 1000, 999);
            assertThat(disk.names()).hasSize(2);
        }
        try (var log = open()) {
            check(log, 1000, 999);
            fill(log, 1000, 1010);
            check(log, 1000, 1010);
        }
    }

    @Test
    void the_end_is_dropped_and_written_anew() throws Exception {
        try (var log = open()) {
            fill(log, 1, 200);
            log.truncateFrom(120);
            check(log, 1, 119);
            assertThat(log.append("another".getBytes(StandardCharsets.UTF_8))).isEqualTo(120);
            log.truncateFrom(120);
            fill(log, 120, 130);
            log.truncateFrom(131);
            check(log, 1, 130);
            assertThatThrownBy(() -> log.truncateFrom(132)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        try (var log = open()) {
            check(log, 1, 130);
            log.truncateFrom(1);
            check(log, 1, 0);
        }
        try (var log = open()) {
            check(log, 1, 0);
            fill(log, 1, 5);
            check(log, 1, 5);
        }
    }

    @Test
    void many_writers_get_indexes_without_a_gap_and_share_syncs() throws Exception {
        var seen = new ConcurrentHashMap<Long, String>();
        var failures = new ConcurrentHashMap<Integer, Throwable>();
        int writers = 16;
        int each = 500;
        long syncs;
        try (var log = open(1 << 20)) {
            long before = disk.calls();
            List<Thread> threads = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                int writer = w;
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; i < each; i++) {
                            String text = writer + ":" + i;
                            seen.put(log.append(text.getBytes(StandardCharsets.UTF_8)), text);
                        }
                    } catch (Throwable t) {
                        failures.put(writer, t);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            syncs = disk.calls() - before;
        }
        assertThat(failures).isEmpty();
        assertThat(seen).hasSize(writers * each);
        assertThat(syncs).isLessThan(2L * writers * each);
        try (var log = open(1 << 20)) {
            assertThat(log.next()).isEqualTo(seen.size() + 1L);
            for (long i = 1; i < log.next(); i++) {
                assertThat(new String(log.read(i, 1).getFirst(), StandardCharsets.UTF_8))
                        .isEqualTo(seen.get(i));
            }
        }
    }

    @Test
    void who_reads_while_others_write_meets_no_gap() throws Exception {
        try (var log = open(1 << 16)) {
            var writer = Thread.ofVirtual().start(() -> fill(log, 1, 3000));
            long at = 1;
            while (at <= 3000) {
                for (byte[] record : log.read(at, 4096)) {
                    assertThat(record).isEqualTo(record(at, (int) (100 + at % 50)));
                    at++;
                }
            }
            writer.join();
        }
    }

    @Test
    void an_interrupted_thread_writes_and_reads_as_any_other() throws Exception {
        try (var log = SegmentedLog.open(FolderDisk.at(temp), QUOTA, salts::nextLong)) {
            Thread.currentThread().interrupt();
            fill(log, 1, 20);
            check(log, 1, 20);
            log.truncateFrom(10);
            log.truncateBefore(5);
            assertThat(Thread.interrupted()).isTrue();
            check(log, 5, 9);
        }
    }

    @Test
    void interrupts_at_any_moment_cost_nothing() throws Exception {
        try (var log = SegmentedLog.open(FolderDisk.at(temp), QUOTA, 1 << 16, salts::nextLong)) {
            var writer = Thread.ofPlatform().start(() -> fill(log, 1, 60));
            while (writer.isAlive()) {
                writer.interrupt();
                Thread.onSpinWait();
            }
            check(log, 1, 60);
        }
    }

    @Test
    void at_its_quota_it_takes_nothing_until_it_is_truncated() throws Exception {
        try (var log = SegmentedLog.open(disk, 20_000, 4096, salts::nextLong)) {
            int last = 0;
            try {
                while (true) {
                    fill(log, last + 1, last + 1);
                    last++;
                }
            } catch (StorageFullException e) {
                assertThat(e).hasMessageContaining("quota of 20,000").hasMessageContaining("Truncate it");
            }
            assertThat(last).isBetween(100, 160);
            check(log, 1, last);
            log.truncateBefore(last - 10);
            fill(log, last + 1, last + 20);
            check(log, last - 10, last + 20);
            log.quota(1);
            assertThatThrownBy(() -> log.append(new byte[1])).isInstanceOf(StorageFullException.class);
        }
    }

    @Test
    void with_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_room() throws Exception {
        for (int room = 0; room < 3000; room += 37) {
            var full = new PowerDisk();
            int last = 0;
            try (var log = SegmentedLog.open(full, QUOTA, 1024, salts::nextLong)) {
                fill(log, 1, 10);
                last = 10;
                full.room(room);
                try {
                    while (true) {
                        fill(log, last + 1, last + 1);
                        last++;
                    }
                } catch (StorageFullException e) {
                    assertThat(e).hasMessageContaining("the disk is full").hasMessageContaining("try again");
                }
                check(log, 1, last);
            }
            full.room(1L << 40);
            try (var log = SegmentedLog.open(full, QUOTA, 1024, salts::nextLong)) {
                check(log, 1, last);
                assertThat(log.scrub()).isEmpty();
                fill(log, last + 1, last + 20);
                check(log, 1, last + 20);
            }
        }
    }

    @Test
    void a_failed_sync_stops_it_until_it_is_opened_again() throws Exception {
        try (var log = open()) {
            fill(log, 1, 10);
            disk.failSync(true);
            assertThatThrownBy(() -> log.append(record(11, 111)))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("nobody knows what is on it");
            disk.failSync(false);
            assertThatThrownBy(() -> log.append(record(11, 111))).hasMessageContaining("closed and opened again");
            check(log, 1, 10);
        }
        try (var log = open()) {
            long next = log.next();
            assertThat(next).isBetween(11L, 12L);
            fill(log, (int) next, 20);
            check(log, 1, 20);
        }
    }

    @Test
    void a_closed_log_refuses_and_says_so() throws Exception {
        var log = open();
        fill(log, 1, 3);
        log.close();
        log.close();
        assertThatThrownBy(() -> log.append(new byte[1])).hasMessageContaining("is closed. Open it again");
        assertThatThrownBy(() -> log.read(1, 1)).hasMessageContaining("is closed");
        assertThatThrownBy(() -> log.truncateBefore(2)).hasMessageContaining("is closed");
    }

    @Test
    void a_file_of_another_format_is_refused_and_left_alone() throws Exception {
        try (var log = open()) {
            fill(log, 1, 3);
        }
        String name =
                disk.names().stream().filter(LogSegment::isName).findFirst().orElseThrow();
        byte[] bytes = disk.bytes(name);
        bytes["MYCLOG0".length()] = '7';
        assertThatThrownBy(this::open).hasMessageContaining("MYCLOG07").hasMessageContaining("knows MYCLOG01 alone");
        assertThat(disk.bytes(name)).isEqualTo(bytes);
    }

    @Test
    void bytes_in_a_record_are_never_taken_for_a_record() throws Exception {
        var other = new PowerDisk();
        byte[] forged;
        try (var log = SegmentedLog.open(other, QUOTA, 1 << 20, salts::nextLong)) {
            fill(log, 1, 50);
            String name = other.names().stream()
                    .filter(LogSegment::isName)
                    .findFirst()
                    .orElseThrow();
            forged = other.bytes(name);
        }
        try (var log = open(1 << 20)) {
            log.append(forged);
            fill(log, 2, 3);
        }
        String name =
                disk.names().stream().filter(LogSegment::isName).findFirst().orElseThrow();
        disk.bytes(name)[LogSegment.HEADER + 3] ^= 1;
        try (var log = open(1 << 20)) {
            assertThat(log.next()).isEqualTo(4);
            assertThatThrownBy(() -> log.read(1, 1)).isInstanceOf(DamagedException.class);
            assertThat(log.read(2, 1)).containsExactly(record(2, 102));
        }
    }

    @Test
    void a_real_folder_keeps_it() throws Exception {
        try (var log = SegmentedLog.open(FolderDisk.at(temp.resolve("a/b")), QUOTA, 1 << 14, salts::nextLong)) {
            fill(log, 1, 600);
            log.truncateBefore(500);
        }
        try (var log = SegmentedLog.open(FolderDisk.at(temp.resolve("a/b")), QUOTA, 1 << 16, salts::nextLong)) {
            check(log, 500, 600);
            try (Stream<Path> files = Files.list(temp.resolve("a/b"))) {
                long bytes = files.mapToLong(f -> f.toFile().length()).sum();
                assertThat(log.bytes()).isEqualTo(bytes);
            }
        }
    }
}
