package network.mycelium.storage.provider.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.StorageFullException;
import network.mycelium.storage.provider.disk.FolderDisk;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a store of blocks does when all is well, at its quota, and when a block is damaged.
class BlockStoreTest {
    static final long QUOTA = 64L << 20;

    @TempDir
    Path temp;

    private final Random salts = new Random(1);
    private final PowerDisk disk = new PowerDisk();

    static byte[] block(long number, int size) {
        byte[] bytes = new byte[size];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    private BlockStore open() throws Exception {
        return BlockStore.open(disk, temp.resolve("index"), QUOTA, 20_000, salts::nextLong);
    }

    private static Set<Key> all(Blocks blocks) {
        Set<Key> keys = new HashSet<>();
        blocks.forEach(key -> keys.add(new Key(key)));
        return keys;
    }

    @Test
    void a_block_is_found_by_its_hash_also_after_it_was_opened_again() throws Exception {
        Map<Key, byte[]> put = new HashMap<>();
        try (var blocks = open()) {
            for (int size : new int[] {0, 1, 7, 100, 4096, 70_000, 262_144, 300_001, Blocks.MAX_BLOCK}) {
                byte[] block = block(size, size);
                byte[] key = blocks.put(block);
                assertThat(key).startsWith(0x12, 32).hasSize(34);
                assertThat(blocks.put(key, block)).isFalse();
                put.put(new Key(key), block);
            }
            check(blocks, put);
        }
        try (var blocks = open()) {
            check(blocks, put);
            assertThat(all(blocks)).isEqualTo(put.keySet());
            assertThat(blocks.has(Multihash.sha256(new byte[5]))).isFalse();
            assertThat(blocks.get(Multihash.sha256(new byte[5]))).isEmpty();
            assertThat(blocks.scrub(so -> true).blocks()).isEqualTo(put.size());
            assertThatThrownBy(() -> blocks.put(new byte[Blocks.MAX_BLOCK + 1]))
                    .hasMessageContaining("at most 4,194,304");
        }
    }

    private static void check(Blocks blocks, Map<Key, byte[]> expected) {
        assertThat(blocks.count()).isEqualTo(expected.size());
        expected.forEach((key, block) -> {
            assertThat(blocks.get(key.bytes()))
                    .hasValueSatisfying(b -> assertThat(b).isEqualTo(block));
            assertThat(blocks.size(key.bytes())).contains(block.length);
        });
    }

    @Test
    void a_block_with_another_hash_is_refused() throws Exception {
        try (var blocks = open()) {
            byte[] block = block(1, 100);
            byte[] sha512 = MessageDigest.getInstance("SHA-512").digest(block);
            byte[] key = new byte[66];
            key[0] = 0x13;
            key[1] = 64;
            System.arraycopy(sha512, 0, key, 2, 64);
            assertThat(blocks.put(key, block)).isTrue();
            key[9] ^= 1;
            assertThatThrownBy(() -> blocks.put(key, block)).hasMessageContaining("does not have the multihash 1340");
            assertThatThrownBy(() -> blocks.put(new byte[] {0x12, 32, 1}, block))
                    .hasMessageContaining("no multihash");
            assertThatThrownBy(() -> blocks.put(new byte[0], block)).hasMessageContaining("no multihash");
            assertThat(blocks.put(new byte[] {0, 2, 5, 6}, new byte[] {5, 6})).isTrue();
            // BLAKE3: who puts it answers for it.
            assertThat(blocks.put(new byte[] {0x1e, 2, 1, 2}, block)).isTrue();
            assertThat(blocks.get(new byte[] {0x1e, 2, 1, 2})).isPresent();
        }
    }

    @Test
    void removed_blocks_stay_removed_and_their_space_comes_back() throws Exception {
        List<byte[]> keys = new ArrayList<>();
        long full;
        try (var blocks = open()) {
            for (int i = 0; i < 100; i++) {
                keys.add(blocks.put(block(i, 1000)));
            }
            full = blocks.bytes();
            assertThat(blocks.remove(keys.subList(0, 10))).isEqualTo(10);
            assertThat(blocks.remove(keys.subList(0, 10))).isZero();
            assertThat(blocks.count()).isEqualTo(90);
        }
        try (var blocks = open()) {
            assertThat(blocks.count()).isEqualTo(90);
            assertThat(blocks.has(keys.get(3))).isFalse();
            blocks.remove(keys.subList(10, 80));
            assertThat(blocks.bytes()).isLessThan(full * 3 / 4);
            blocks.compact();
            assertThat(blocks.bytes()).isLessThan(20 * 1100 + 3000);
            for (int i = 80; i < 100; i++) {
                assertThat(blocks.get(keys.get(i)).orElseThrow()).isEqualTo(block(i, 1000));
            }
            blocks.put(block(3, 1000));
        }
        try (var blocks = open()) {
            assertThat(blocks.count()).isEqualTo(21);
            blocks.remove(keys);
            blocks.compact();
            assertThat(blocks.bytes()).isZero();
            assertThat(blocks.count()).isZero();
        }
        try (var blocks = open()) {
            assertThat(blocks.count()).isZero();
            assertThat(blocks.problems()).isEmpty();
        }
    }

    @Test
    void pinned_blocks_are_not_removed() throws Exception {
        byte[] one;
        byte[] two;
        byte[] absent = Multihash.sha256(new byte[9]);
        try (var blocks = open()) {
            one = blocks.put(block(1, 50));
            two = blocks.put(block(2, 50));
            blocks.pin(one);
            blocks.pin(one);
            blocks.pin(absent);
            assertThatThrownBy(() -> blocks.remove(List.of(two, one)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(Key.hex(one))
                    .hasMessageContaining("Unpin it first");
            assertThat(blocks.count()).isEqualTo(2);
        }
        try (var blocks = open()) {
            assertThat(blocks.pinned(one)).isTrue();
            Set<Key> pins = new HashSet<>();
            blocks.forEachPin(key -> pins.add(new Key(key)));
            assertThat(pins).containsExactlyInAnyOrder(new Key(one), new Key(absent));
            assertThat(blocks.unpin(one)).isTrue();
            assertThat(blocks.unpin(one)).isFalse();
            assertThat(blocks.remove(List.of(two, one))).isEqualTo(2);
        }
        try (var blocks = open()) {
            assertThat(blocks.pinned(one)).isFalse();
            assertThat(blocks.pinned(absent)).isTrue();
        }
    }

    @Test
    void a_damaged_block_is_told_set_aside_and_can_be_put_again() throws Exception {
        byte[] damaged;
        byte[] other;
        try (var blocks = open()) {
            damaged = blocks.put(block(1, 1000));
            other = blocks.put(block(2, 1000));
        }
        String name = disk.names().getFirst();
        disk.bytes(name)[BlockSegment.HEADER + 500] ^= 1;
        try (var blocks = open()) {
            Blocks.Scrub scrub = blocks.scrub(so -> true);
            assertThat(scrub.blocks()).isEqualTo(2);
            assertThat(scrub.damaged()).containsExactly(damaged);
            assertThat(blocks.quarantined()).containsExactly(damaged);
            assertThat(blocks.get(damaged)).isEmpty();
            assertThat(blocks.get(other)).isPresent();
        }
        try (var blocks = open()) {
            assertThat(blocks.quarantined()).containsExactly(damaged);
            assertThat(blocks.put(damaged, block(1, 1000))).isTrue();
            assertThat(blocks.quarantined()).isEmpty();
            assertThat(blocks.get(damaged)).isPresent();
            assertThat(blocks.scrub(so -> true).damaged()).isEmpty();
        }
        Files.delete(temp.resolve("index"));
        try (var blocks = open()) {
            assertThat(blocks.quarantined()).isEmpty();
            assertThat(blocks.get(damaged)).isPresent();
            assertThat(blocks.count()).isEqualTo(2);
        }
    }

    @Test
    void reading_a_damaged_block_says_where_it_is() throws Exception {
        try (var blocks = open()) {
            byte[] key = blocks.put(block(1, 1000));
            blocks.sync();
            String name = disk.names().getFirst();
            disk.bytes(name)[BlockSegment.HEADER + 3] ^= 1;
            assertThatThrownBy(() -> blocks.get(key))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(Key.hex(key))
                    .hasMessageContaining("byte 512 of " + name)
                    .hasMessageContaining("put it again");
            assertThat(blocks.get(key)).isEmpty();
            assertThat(blocks.remove(List.of(key))).isZero();
            assertThat(blocks.quarantined()).isEmpty();
        }
    }

    @Test
    void at_its_quota_it_takes_nothing_until_blocks_are_removed() throws Exception {
        try (var blocks = BlockStore.open(disk, temp.resolve("index"), 100_000, 20_000, salts::nextLong)) {
            List<byte[]> keys = new ArrayList<>();
            assertThatThrownBy(() -> {
                        while (true) {
                            keys.add(blocks.put(block(keys.size(), 1000)));
                        }
                    })
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining("quota of 100,000")
                    .hasMessageContaining("Remove blocks, or raise the quota");
            assertThat(keys).hasSizeBetween(85, 95);
            assertThat(blocks.count()).isEqualTo(keys.size());
            blocks.remove(keys.subList(0, 5));
            for (int i = 0; i < 4; i++) {
                blocks.put(block(1000 + i, 1000));
            }
            assertThat(blocks.bytes()).isLessThanOrEqualTo(100_000);
        }
    }

    @Test
    void with_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_room() throws Exception {
        for (int room = 0; room < 6000; room += 151) {
            var full = new PowerDisk();
            Path index = temp.resolve("full" + room);
            Map<Key, byte[]> put = new HashMap<>();
            try (var blocks = BlockStore.open(full, index, QUOTA, 2000, salts::nextLong)) {
                fill(blocks, put, 5);
                full.room(room);
                assertThatThrownBy(() -> fill(blocks, put, 1000))
                        .isInstanceOf(StorageFullException.class)
                        .hasMessageContaining("the disk is full");
                check(blocks, put);
                full.room(1L << 40);
                fill(blocks, put, put.size() + 5);
                check(blocks, put);
            }
            try (var blocks = BlockStore.open(full, index, QUOTA, 2000, salts::nextLong)) {
                check(blocks, put);
            }
        }
    }

    private static void fill(Blocks blocks, Map<Key, byte[]> put, int until) {
        while (put.size() < until) {
            byte[] block = block(put.size(), 300);
            put.put(new Key(blocks.put(block)), block);
        }
    }

    @Test
    void a_failed_sync_is_told_and_all_is_read_anew() throws Exception {
        try (var blocks = open()) {
            byte[] one = blocks.put(block(1, 1000));
            disk.failSync(true);
            assertThatThrownBy(blocks::sync).hasMessageContaining("Input/output error");
            disk.failSync(false);
            byte[] two = blocks.put(block(2, 1000));
            blocks.sync();
            assertThat(blocks.get(one)).isPresent();
            assertThat(blocks.get(two)).isPresent();
        }
    }

    @Test
    void many_threads_put_get_remove_and_compact_at_once() throws Exception {
        var failures = new ConcurrentHashMap<Integer, Throwable>();
        try (var blocks = BlockStore.open(FolderDisk.at(temp), temp.resolve("index"), QUOTA, 50_000, salts::nextLong)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        work(blocks, thread);
                    } catch (Throwable e) {
                        failures.put(thread, e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            assertThat(blocks.count()).isEqualTo(8 * 50L);
            assertThat(blocks.scrub(so -> true).damaged()).isEmpty();
        }
    }

    private static void work(Blocks blocks, int thread) {
        for (int i = 0; i < 150; i++) {
            byte[] block = block(thread * 1000L + i, 700);
            byte[] key = blocks.put(block);
            assertThat(blocks.get(key).orElseThrow()).isEqualTo(block);
            if (i % 3 != 0) {
                assertThat(blocks.remove(List.of(key))).isEqualTo(1);
            }
            if (i % 40 == thread) {
                blocks.compact();
            }
        }
    }

    @Test
    void an_interrupted_thread_does_all_that_others_do() throws Exception {
        try (var blocks = BlockStore.open(FolderDisk.at(temp), temp.resolve("index"), QUOTA, 5000, salts::nextLong)) {
            Thread.currentThread().interrupt();
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                keys.add(blocks.put(block(i, 1000)));
            }
            blocks.sync();
            blocks.pin(keys.getLast());
            blocks.remove(keys.subList(0, 15));
            blocks.compact();
            assertThat(blocks.get(keys.get(20))).isPresent();
            assertThat(all(blocks)).hasSize(15);
            assertThat(Thread.interrupted()).isTrue();
        }
        try (var blocks = BlockStore.open(FolderDisk.at(temp), temp.resolve("index"), QUOTA, 5000, salts::nextLong)) {
            assertThat(blocks.count()).isEqualTo(15);
        }
    }

    @Test
    void closed_blocks_refuse_and_say_so() throws Exception {
        var blocks = open();
        blocks.close();
        blocks.close();
        assertThatThrownBy(() -> blocks.put(new byte[1])).hasMessageContaining("are closed. Open them again");
        assertThatThrownBy(() -> blocks.get(new byte[] {0, 0})).hasMessageContaining("are closed");
    }
}
