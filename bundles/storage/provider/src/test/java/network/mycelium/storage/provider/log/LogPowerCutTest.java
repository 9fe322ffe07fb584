package network.mycelium.storage.provider.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.provider.disk.PowerDisk;
import org.junit.jupiter.api.Test;

/// The power goes after each call to the disk, and what was not synced is lost in every mixture: all that was
/// acknowledged is there, without a gap, and nothing else but what was under way.
class LogPowerCutTest {
    private static final int SEEDS = Integer.getInteger("seeds", 3);

    /// What must be there, and what may be, after a cut.
    private static final class Model {
        long first = 1;
        final List<byte[]> records = new ArrayList<>();
        /// Under way: records that may have come to the end, or a truncation that may have been done in part.
        List<byte[]> adding = List.of();
        long firstMay = 1;
        long nextMay = Long.MAX_VALUE;

        long next() {
            return first + records.size();
        }
    }

    private static SegmentedLog open(PowerDisk disk, Random random) throws IOException {
        return SegmentedLog.open(disk, 1L << 30, 2048, random::nextLong);
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(8) == 0 ? random.nextInt(5000) : random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    /// Does something; the model knows before what is under way, and after it what is done.
    private static void step(SegmentedLog log, Model model, Random random) {
        int what = random.nextInt(12);
        if (what < 8) {
            List<byte[]> records = new ArrayList<>();
            for (int n = random.nextInt(6); n >= 0; n--) {
                records.add(bytes(random));
            }
            model.adding = records;
            assertThat(log.append(records)).isEqualTo(model.next());
            model.records.addAll(records);
            model.adding = List.of();
        } else if (what < 10) {
            long from = model.first + random.nextInt(model.records.size() + 1);
            model.nextMay = from;
            log.truncateFrom(from);
            model.records
                    .subList((int) (from - model.first), model.records.size())
                    .clear();
            model.nextMay = Long.MAX_VALUE;
        } else {
            long before = model.first + random.nextInt(model.records.size() + (what == 11 ? 5 : 1));
            model.firstMay = before;
            log.truncateBefore(before);
            int dropped = (int) Math.min(before - model.first, model.records.size());
            model.records.subList(0, dropped).clear();
            model.first = Math.max(model.first, before);
        }
    }

    private static void check(SegmentedLog log, Model model, String where) {
        assertThat(log.damage()).as(where).isEmpty();
        assertThat(log.scrub()).as(where).isEmpty();
        assertThat(log.first()).as(where).isIn(model.first, Math.max(model.first, model.firstMay));
        long least = Math.max(log.first(), Math.min(model.next(), model.nextMay));
        long most = Math.max(log.first(), model.next() + model.adding.size());
        assertThat(log.next()).as(where).isBetween(least, most);
        for (long i = log.first(); i < log.next(); i++) {
            int at = (int) (i - model.first);
            byte[] expected =
                    at < model.records.size() ? model.records.get(at) : model.adding.get(at - model.records.size());
            assertThat(log.read(i, 1).getFirst()).as(where).isEqualTo(expected);
        }
    }

    private static void run(long seed, long calls) throws Exception {
        var random = new Random(seed);
        var disk = new PowerDisk();
        var model = new Model();
        SegmentedLog log = open(disk, random);
        disk.cutAfter(calls);
        try {
            for (int i = 0; i < 60; i++) {
                if (random.nextInt(10) == 0) {
                    log.close();
                    log = open(disk, random);
                }
                step(log, model, random);
            }
        } catch (StorageException | IOException e) {
            assertThat(e.toString()).contains("power is gone");
        }
        var cuts = new Random(seed * 31 + calls);
        for (int i = 0; i < 3; i++) {
            String where = "seed %d, cut after %d calls, %d".formatted(seed, calls, i);
            PowerDisk left = disk.afterCut(cuts);
            try (var after = open(left, cuts)) {
                check(after, model, where);
                after.append(new byte[] {1});
                long next = after.next();
                after.close();
                try (var again = open(left, cuts)) {
                    assertThat(again.next()).as(where).isEqualTo(next);
                    assertThat(again.scrub()).as(where).isEmpty();
                }
            }
        }
    }

    @Test
    void after_a_cut_at_each_call_all_that_was_acknowledged_is_there() throws Exception {
        long base = Long.getLong("seed", System.nanoTime() % 1_000_000);
        System.out.println("seed " + base);
        for (long seed = base; seed < base + SEEDS; seed++) {
            for (long calls = 0; calls < 200; calls++) {
                run(seed, calls);
            }
        }
    }

    /// The end of a test with a cut is a second cut, while the log is being repaired.
    @Test
    void a_second_cut_while_it_is_opened_costs_nothing() throws Exception {
        long base = Long.getLong("seed", System.nanoTime() % 1_000_000);
        System.out.println("seed " + base);
        for (long seed = base; seed < base + 15L * SEEDS; seed++) {
            var random = new Random(seed);
            var disk = new PowerDisk();
            var model = new Model();
            SegmentedLog log = open(disk, random);
            disk.cutAfter(random.nextInt(200));
            try {
                for (int i = 0; i < 60; i++) {
                    step(log, model, random);
                }
            } catch (StorageException e) {
                assertThat(e.toString()).contains("power is gone");
            }
            PowerDisk left = disk.afterCut(random);
            for (int cut = 0; cut < 6; cut++) {
                left.cutAfter(cut);
                try (var again = open(left, random)) {
                    check(again, model, "seed " + seed);
                } catch (StorageException | IOException e) {
                    assertThat(e.toString()).contains("power is gone");
                }
                left = left.afterCut(random);
            }
            try (var again = open(left, random)) {
                check(again, model, "seed " + seed);
            }
        }
    }
}
