package network.mycelium.storage.provider.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The power goes after each call to the disk, with puts, removals, pins and compactions under way; the index that
/// is left is the newest one, one of before, or none. All that was synced and not removed is there, and nothing
/// that was removed.
class BlocksPowerCutTest {
    private static final int SEEDS = Integer.getInteger("seeds", 1);

    @TempDir
    Path temp;

    /// What must be there, and what may be, after a cut.
    private static final class Model {
        final Map<Key, byte[]> synced = new HashMap<>();
        /// Put since the last sync, or being removed.
        final Map<Key, byte[]> maybe = new HashMap<>();

        final Set<Key> pins = new HashSet<>();
        Key pinning;

        List<Key> there() {
            var keys = new ArrayList<>(synced.keySet());
            keys.addAll(maybe.keySet());
            keys.sort(null);
            return keys;
        }

        void sync() {
            synced.putAll(maybe);
            maybe.clear();
        }
    }

    private static BlockStore open(PowerDisk disk, Path index, Random random) throws IOException {
        return BlockStore.open(disk, index, 1L << 30, 3000, random::nextLong);
    }

    private static void step(BlockStore blocks, Model model, Random random) {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> {
                byte[] block = BlockStoreTest.block(random.nextInt(200), 1 + random.nextInt(900));
                Key key = new Key(Multihash.sha256(block));
                if (!model.synced.containsKey(key)) {
                    model.maybe.put(key, block);
                }
                blocks.put(block);
            }
            case 4 -> {
                blocks.sync();
                model.sync();
            }
            case 5, 6 -> {
                List<Key> there = model.there();
                Map<Key, byte[]> going = new HashMap<>();
                for (int n = random.nextInt(6); n >= 0 && !there.isEmpty(); n--) {
                    Key key = there.get(random.nextInt(there.size()));
                    if (!model.pins.contains(key) && !going.containsKey(key)) {
                        byte[] block = model.synced.remove(key);
                        going.put(key, block == null ? model.maybe.get(key) : block);
                    }
                }
                model.maybe.putAll(going);
                blocks.remove(going.keySet().stream().map(Key::bytes).toList());
                going.keySet().forEach(model.maybe::remove);
            }
            case 7 -> {
                List<Key> there = model.there();
                if (!there.isEmpty()) {
                    model.pinning = there.get(random.nextInt(there.size()));
                    blocks.pin(model.pinning.bytes());
                    model.pins.add(model.pinning);
                    model.sync();
                    model.pinning = null;
                }
            }
            case 8 -> {
                if (!model.pins.isEmpty()) {
                    model.pinning = model.pins.stream().sorted().findFirst().orElseThrow();
                    model.pins.remove(model.pinning);
                    blocks.unpin(model.pinning.bytes());
                    model.pinning = null;
                }
            }
            default -> blocks.compact();
        }
    }

    private static void check(BlockStore blocks, Model model, String where) {
        assertThat(blocks.problems()).as(where).isEmpty();
        assertThat(blocks.quarantined()).as(where).isEmpty();
        Set<Key> found = new HashSet<>();
        blocks.forEach(key -> found.add(new Key(key)));
        assertThat(found).as(where).containsAll(model.synced.keySet());
        assertThat(blocks.count()).as(where).isEqualTo(found.size());
        for (Key key : found) {
            byte[] block = model.synced.getOrDefault(key, model.maybe.get(key));
            assertThat(block).as("%s: %s was removed, or never put", where, key).isNotNull();
            assertThat(blocks.get(key.bytes()).orElseThrow()).as(where).isEqualTo(block);
        }
        Set<Key> pins = new HashSet<>();
        blocks.forEachPin(key -> pins.add(new Key(key)));
        Set<Key> expected = new HashSet<>(model.pins);
        pins.remove(model.pinning);
        expected.remove(model.pinning);
        assertThat(pins).as(where).isEqualTo(expected);
    }

    private void run(long seed, long calls) throws Exception {
        var random = new Random(seed);
        var disk = new PowerDisk();
        var model = new Model();
        Path index = temp.resolve("index");
        Files.deleteIfExists(index);
        List<Path> earlier = new ArrayList<>();
        BlockStore blocks = open(disk, index, random);
        disk.cutAfter(calls);
        try {
            for (int i = 0; i < 60; i++) {
                if (random.nextInt(8) == 0) {
                    if (random.nextBoolean()) {
                        blocks.sync();
                        blocks.close();
                        model.sync();
                        blocks = open(disk, index, random);
                    }
                    earlier.add(Files.copy(
                            index, temp.resolve("index" + earlier.size()), StandardCopyOption.REPLACE_EXISTING));
                }
                step(blocks, model, random);
            }
        } catch (StorageException | IOException e) {
            assertThat(e.toString()).contains("power is gone");
        }
        var cuts = new Random(seed * 31 + calls);
        earlier.add(Files.copy(index, temp.resolve("newest"), StandardCopyOption.REPLACE_EXISTING));
        blocks.close();
        for (int i = 0; i < 3; i++) {
            Path left = temp.resolve("left");
            Files.deleteIfExists(left);
            Path chosen = i == 0 ? earlier.getLast() : earlier.get(cuts.nextInt(earlier.size()));
            if (i < 2) {
                Files.copy(chosen, left);
            }
            String where = "seed %d, cut after %d calls, index %s"
                    .formatted(seed, calls, i < 2 ? chosen.getFileName() : "none");
            PowerDisk after = disk.afterCut(cuts);
            try (var again = open(after, left, cuts)) {
                check(again, model, where);
            }
            try (var again = open(after, left, cuts)) {
                check(again, model, where + ", again");
                again.compact();
                check(again, model, where + ", compacted");
            }
            Files.deleteIfExists(left);
            try (var again = open(after, left, cuts)) {
                check(again, model, where + ", index made anew");
            }
        }
    }

    @Test
    void after_a_cut_at_each_call_all_that_was_synced_is_there_and_nothing_removed() throws Exception {
        long base = Long.getLong("seed", System.nanoTime() % 1_000_000);
        System.out.println("seed " + base);
        var random = new Random(base);
        for (long seed = base; seed < base + SEEDS; seed++) {
            for (long calls = 0; calls < 260; calls += 1 + random.nextInt(5)) {
                run(seed, calls);
            }
        }
    }
}
