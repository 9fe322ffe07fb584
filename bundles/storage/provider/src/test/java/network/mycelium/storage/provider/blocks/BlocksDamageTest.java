package network.mycelium.storage.provider.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.Damages;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are not what was written: no block is ever given that is not what was put.
class BlocksDamageTest {
    @TempDir
    Path temp;

    private final Random salts = new Random(3);
    private final Map<Key, byte[]> put = new HashMap<>();
    private PowerDisk good;
    private byte[] goodIndex;
    private Path index;
    private List<String> files;

    @BeforeEach
    void write() throws Exception {
        good = new PowerDisk();
        index = temp.resolve("index");
        try (var blocks = open(good)) {
            for (int i = 0; i < 40; i++) {
                byte[] block = BlockStoreTest.block(i, 100 + i);
                put.put(new Key(blocks.put(block)), block);
            }
            for (Key key : put.keySet().stream().sorted().limit(5).toList()) {
                blocks.remove(List.of(key.bytes()));
                put.remove(key);
            }
            blocks.pin(put.keySet().iterator().next().bytes());
        }
        goodIndex = Files.readAllBytes(index);
        files = good.names().stream().filter(BlockSegment::isName).toList();
        assertThat(files).hasSizeGreaterThan(2);
    }

    private BlockStore open(PowerDisk disk) throws Exception {
        return BlockStore.open(disk, index, 1L << 30, 2500, salts::nextLong);
    }

    /// @return those that are there
    private Set<Key> check(BlockStore blocks, String where) {
        Set<Key> found = new HashSet<>();
        blocks.forEach(bytes -> {
            Key key = new Key(bytes);
            try {
                blocks.get(bytes).ifPresent(block -> {
                    assertThat(block).as(where).isEqualTo(put.get(key));
                    found.add(key);
                });
            } catch (DamagedException e) {
                assertThat(e).hasMessageContaining(Key.hex(bytes));
            }
            return true;
        });
        return found;
    }

    @Test
    void one_flipped_bit_costs_one_block_and_its_multihash_is_told() throws Exception {
        for (String name : files) {
            int length = good.bytes(name).length;
            for (int at = 8; at < length; at += 11) {
                PowerDisk disk = good.copy();
                Files.write(index, goodIndex);
                disk.bytes(name)[at] ^= (byte) (1 << at % 8);
                String where = name + " byte " + at;
                try (var blocks = open(disk)) {
                    List<byte[]> damaged = blocks.scrub(so -> true).damaged();
                    Set<Key> there = check(blocks, where);
                    assertThat(there.size() + damaged.size()).as(where).isEqualTo(put.size());
                    assertThat(damaged.size()).as(where).isLessThanOrEqualTo(1);
                    assertThat(blocks.quarantined()).hasSize(damaged.size());
                }
            }
        }
    }

    @Test
    void a_damaged_or_lost_index_is_made_anew() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < Integer.getInteger("damages", 200) / 2; round++) {
            byte[] bytes = goodIndex.clone();
            if (round % 4 == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else if (round % 4 == 1) {
                random.nextBytes(bytes);
            } else {
                // MVStore has its checks in the first blocks and in each chunk's ends.
                int start = random.nextInt(bytes.length / 4096) * 4096;
                Arrays.fill(bytes, start, bytes.length, (byte) round);
            }
            Files.write(index, bytes);
            try (var blocks = open(good.copy())) {
                assertThat(check(blocks, "seed " + seed + " round " + round)).isEqualTo(put.keySet());
            }
        }
        Files.delete(index);
        try (var blocks = open(good.copy())) {
            assertThat(check(blocks, "lost")).isEqualTo(put.keySet());
            assertThat(blocks.problems()).isEmpty();
        }
    }

    @Test
    void a_lost_file_is_told() throws Exception {
        good.remove(files.getFirst());
        try (var blocks = open(good)) {
            assertThat(check(blocks, "lost").size()).isBetween(10, put.size() - 5);
            assertThat(blocks.problems().toString()).contains("blocks are lost: their files are gone");
            assertThat(blocks.count()).isEqualTo(check(blocks, "lost").size());
        }
    }

    @Test
    void a_damaged_journal_is_told() throws Exception {
        PowerDisk journal = (PowerDisk) good.folder("journal");
        String name = journal.names().stream()
                .filter(n -> n.endsWith(".log"))
                .findFirst()
                .orElseThrow();
        journal.bytes(name)[60] ^= 1;
        try (var blocks = open(good)) {
            // The index knows all that the journal says.
            assertThat(check(blocks, "journal")).isEqualTo(put.keySet());
        }
        Files.delete(index);
        try (var blocks = open(good)) {
            assertThat(checkAll(blocks, "journal")).containsAll(put.keySet());
            assertThat(blocks.problems().toString()).contains("pins made then may be forgotten");
        }
    }

    @Test
    void a_file_of_another_format_is_refused_and_left_alone() throws Exception {
        byte[] bytes = good.bytes(files.getFirst());
        bytes["MYCBLK0".length()] = '9';
        assertThatThrownBy(() -> open(good))
                .hasMessageContaining("MYCBLK09")
                .hasMessageContaining("knows MYCBLK01 alone");
        assertThat(good.bytes(files.getFirst())).isEqualTo(bytes);
    }

    @Test
    void whatever_the_bytes_are_it_opens_and_gives_no_wrong_block() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < Integer.getInteger("damages", 200); round++) {
            PowerDisk disk = good.copy();
            String where = "seed %d round %d".formatted(seed, round);
            for (int n = random.nextInt(3); n >= 0; n--) {
                damage(disk, random);
            }
            if (random.nextBoolean()) {
                Files.write(index, goodIndex);
            } else {
                Files.deleteIfExists(index);
            }
            try (var blocks = open(disk)) {
                blocks.scrub(so -> true);
                Set<Key> there = checkAll(blocks, where);
                assertThat(blocks.count()).as(where).isEqualTo(there.size());
                blocks.compact();
                assertThat(checkAll(blocks, where)).isEqualTo(there);
                blocks.put(new byte[] {1, 2, 3});
            } catch (StorageException e) {
                assertThat(e.getMessage()).as(where).containsAnyOf("has format", "has lost its records");
            }
        }
    }

    /// Removed ones may be back when the journal is damaged: they are what was put, all the same.
    private Set<Key> checkAll(BlockStore blocks, String where) {
        Set<Key> found = new HashSet<>();
        blocks.forEach(key -> {
            byte[] block = blocks.get(key).orElseThrow();
            assertThat(Multihash.sha256(block)).as(where).isEqualTo(key);
            found.add(new Key(key));
            return true;
        });
        return found;
    }

    private void damage(PowerDisk top, Random random) {
        PowerDisk disk = random.nextInt(3) == 0 ? (PowerDisk) top.folder("journal") : top;
        List<String> names = disk.names();
        String name = names.get(random.nextInt(names.size()));
        if (disk.bytes(name).length > 0) {
            Damages.damage(disk, name, random.nextInt(Damages.KINDS), random);
        }
    }
}
