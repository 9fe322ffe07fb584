package network.mycelium.storage.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.mycelium.storage.Database.Migration;
import network.mycelium.storage.StorageException;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The embedded database when its file is not what it was.
class DamagedDatabaseTest {
    private static final List<Migration> MIGRATIONS =
            List.of(new Migration(1, "CREATE TABLE note (id BIGINT PRIMARY KEY, the_text VARCHAR(4000));\n"));

    @TempDir
    Path home;

    private EmbeddedFile embedded;
    private Path file;
    private Path aside;
    private byte[] good;

    /// A row.
    record Count(long count) {}

    @BeforeEach
    void make() throws Exception {
        embedded = EmbeddedFile.in(home);
        file = home.resolve("data/mycelium.mv.db");
        aside = home.resolve("data/mycelium.mv.db.damaged");
        JdbiDatabase database = open();
        database.migrate("test", MIGRATIONS);
        for (int i = 0; i < 100; i++) {
            insert(database, i);
        }
        database.deactivate();
        good = Files.readAllBytes(file);
    }

    private JdbiDatabase open() {
        return JdbiDatabase.over(embedded, () -> {
            var source = new JdbcDataSource();
            source.setURL(embedded.url());
            return source;
        });
    }

    private static void insert(JdbiDatabase database, int id) {
        database.update("INSERT INTO note VALUES (:id, :text)", Map.of("id", id, "text", "x".repeat(2000)));
    }

    private static long count(JdbiDatabase database) {
        return database.query(Count.class, "SELECT COUNT(*) AS count FROM note", Map.of())
                .getFirst()
                .count();
    }

    @Test
    void a_file_that_is_whole_stays_what_it_is() {
        JdbiDatabase database = open();
        database.migrate("test", MIGRATIONS);
        assertThat(count(database)).isEqualTo(100);
        assertThat(aside).doesNotExist();
        database.deactivate();
    }

    @Test
    void garbage_is_set_aside_and_the_tables_are_made_anew() throws Exception {
        byte[] garbage = new byte[50_000];
        new Random(7).nextBytes(garbage);
        Files.write(file, garbage);
        JdbiDatabase database = open();
        database.migrate("test", MIGRATIONS);
        insert(database, 1);
        assertThat(count(database)).isEqualTo(1);
        assertThat(Files.readAllBytes(aside)).isEqualTo(garbage);
        database.deactivate();
    }

    @Test
    void an_empty_file_is_an_empty_database() throws Exception {
        Files.write(file, new byte[0]);
        JdbiDatabase database = open();
        database.migrate("test", MIGRATIONS);
        assertThat(count(database)).isZero();
        database.deactivate();
    }

    /// Whatever happened to the file, it is opened, and what is done with it works or is refused. Most works: H2 has no
    /// check value over all of its pages, so a flipped bit may change a table without a word.
    @Test
    void after_any_damage_the_database_works_or_says_what_it_refuses() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("DamagedDatabaseTest seed " + seed);
        var random = new Random(seed);
        int set = 0;
        int refused = 0;
        for (int round = 0; round < 40; round++) {
            byte[] bytes = good.clone();
            if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                for (int n = 1 << random.nextInt(12); n > 0; n--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            Files.write(file, bytes);
            Files.deleteIfExists(aside);
            JdbiDatabase database = open();
            try {
                database.migrate("test", MIGRATIONS);
                database.update("DELETE FROM note", Map.of());
                insert(database, 1);
                assertThat(count(database)).as("seed %d, round %d", seed, round).isEqualTo(1);
            } catch (StorageException e) {
                assertThat(e)
                        .as("seed %d, round %d", seed, round)
                        .hasMessageMatching("(?s).*(refused|changed after).*");
                refused++;
            }
            database.deactivate();
            set += Files.exists(aside) ? 1 : 0;
        }
        assertThat(set).as("seed %d", seed).isPositive();
        assertThat(refused).as("seed %d", seed).isLessThan(10);
    }

    @Test
    void damage_that_shows_while_it_is_in_use_is_mended_too() throws Exception {
        JdbiDatabase database = open();
        database.migrate("test", MIGRATIONS);
        database.deactivate();
        // Behind the two headers, where the pages are.
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[(int) raw.length() - 3 * 4096];
            new Random(3).nextBytes(noise);
            raw.seek(2 * 4096);
            raw.write(noise);
        }
        JdbiDatabase again = open();
        again.migrate("test", MIGRATIONS);
        insert(again, 1000);
        assertThat(count(again)).isPositive();
        again.deactivate();
    }

    @Test
    void what_must_not_be_read_is_no_damage() {
        var denied = new StorageException(
                "refused", new SQLException("general", "HY000", 50000, new AccessDeniedException("x")));
        assertThat(EmbeddedFile.isDamage(denied)).isFalse();
        assertThat(EmbeddedFile.isDamage(new SQLException("corrupted", "HY000", 90030)))
                .isTrue();
        assertThat(EmbeddedFile.isDamage(new SQLException("duplicate key", "23505", 23505)))
                .isFalse();
    }

    @Test
    void what_cannot_be_read_to_its_end_is_damage_and_what_cannot_be_written_is_none() {
        var general = new SQLException("general", "HY000", 50000, new EOFException("x"));
        assertThat(EmbeddedFile.isDamage(general)).isTrue();
        var full = new SQLException("general", "HY000", 50000, new IOException("No space left on device"));
        assertThat(EmbeddedFile.isDamage(full)).isFalse();
    }

    @Test
    void a_full_disk_loses_nothing_and_the_database_goes_on_when_there_is_room() throws Exception {
        Path disk = Files.createDirectories(home.resolve("disk"));
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a small disk can only be mounted by root on Linux");
        embedded = EmbeddedFile.in(disk);
        JdbiDatabase database = open();
        try {
            database.migrate("test", MIGRATIONS);
            insert(database, 0);
            Path filler = disk.resolve("filler");
            assertThatThrownBy(() -> {
                        try (var out = Files.newOutputStream(filler)) {
                            for (byte[] block = new byte[4096]; ; ) {
                                out.write(block);
                            }
                        }
                    })
                    .hasMessageContaining("No space left");
            for (int i = 1; i < 4; i++) {
                int id = i;
                assertThatThrownBy(() -> insert(database, id))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("No space left");
                assertThat(count(database)).isEqualTo(1);
            }
            Files.delete(filler);
            insert(database, 1);
            assertThat(count(database)).isEqualTo(2);
            assertThat(disk.resolve("data/mycelium.mv.db.damaged")).doesNotExist();
        } finally {
            database.deactivate();
            new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor();
        }
    }

    @Test
    void an_error_of_the_caller_leaves_the_database_alone() {
        JdbiDatabase database = open();
        assertThatThrownBy(() -> database.update("INSERT INTO nowhere VALUES (1)", Map.of()))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> insert(database, 1)).isInstanceOf(StorageException.class);
        assertThat(aside).doesNotExist();
        assertThat(count(database)).isEqualTo(100);
        database.deactivate();
    }
}
