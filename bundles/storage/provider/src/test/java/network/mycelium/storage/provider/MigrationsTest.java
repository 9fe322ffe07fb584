package network.mycelium.storage.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import network.mycelium.storage.Database;
import network.mycelium.storage.Database.Migration;
import network.mycelium.storage.StorageException;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Power cuts in the middle of migrations of an H2 database: `SHUTDOWN IMMEDIATELY` leaves its file as they do.
class MigrationsTest {
    private static final List<Migration> MIGRATIONS = List.of(new Migration(1, """
                    CREATE TABLE note (id BIGINT PRIMARY KEY, the_text VARCHAR(100));
                    CREATE INDEX note_text ON note (the_text);
                    INSERT INTO note VALUES (1, 'one');
                    """), new Migration(2, """
                    ALTER TABLE note ADD COLUMN more INT;
                    UPDATE note SET id = id + 1;
                    INSERT INTO note VALUES (7, 'seven', 1);
                    DROP INDEX note_text;
                    CREATE TABLE other (id INT);
                    ALTER TABLE other ADD CONSTRAINT other_unique UNIQUE (id);
                    """));

    /// A row.
    record Note(long id, String theText) {}

    @TempDir
    Path temp;

    private JdbcDataSource source(String name) {
        var source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + temp.resolve(name) + ";DB_CLOSE_DELAY=-1;WRITE_DELAY=0");
        return source;
    }

    private static void cutPower(JdbcDataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }

    /// The power of a database, which fails before or after the n-th statement.
    private static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Failing implements Database {
        private final Database real;
        private final int[] left;
        private final boolean after;

        Failing(Database real, int[] left, boolean after) {
            this.real = real;
            this.left = left;
            this.after = after;
        }

        @Override
        public String dialect() {
            return real.dialect();
        }

        @Override
        public void migrate(String owner, List<Migration> migrations) {
            Migrations.run(this, owner, migrations);
        }

        @Override
        public int update(String sql, Map<String, ?> parameters) {
            boolean cut = left[0]-- <= 0;
            if (left[0] < -1 || (cut && !after)) {
                throw new Cut();
            }
            int rows = real.update(sql, parameters);
            if (cut) {
                throw new Cut();
            }
            return rows;
        }

        @Override
        public <T> List<T> query(Class<T> row, String sql, Map<String, ?> parameters) {
            return real.query(row, sql, parameters);
        }

        @Override
        public void transaction(Work work) {
            real.transaction(t -> work.run(new Failing(t, left, after)));
        }
    }

    /// @return whether it was cut
    private static boolean isCut(Database database) {
        try {
            database.migrate("test", MIGRATIONS);
            return false;
        } catch (Cut e) {
            return true;
        }
    }

    @Test
    void a_power_cut_before_or_after_any_statement_leaves_what_the_next_start_completes() throws Exception {
        int cuts = 0;
        for (boolean after : new boolean[] {false, true}) {
            int[] left = {0};
            for (int at = 0; ; at++) {
                left[0] = at;
                JdbcDataSource source = source("db" + after + at);
                if (!isCut(new Failing(JdbiDatabase.over(source, "h2"), left, after))) {
                    cutPower(source);
                    break;
                }
                cuts++;
                cutPower(source);
                Database again = JdbiDatabase.over(source, "h2");
                again.migrate("test", MIGRATIONS);
                assertThat(again.query(Note.class, "SELECT id, the_text FROM note ORDER BY id", Map.of()))
                        .as("cut at %d, after it: %s", at, after)
                        .containsExactly(new Note(2, "one"), new Note(7, "seven"));
                again.update("INSERT INTO other VALUES (1)", Map.of());
                assertThatThrownBy(() -> again.update("INSERT INTO other VALUES (1)", Map.of()))
                        .isInstanceOf(StorageException.class);
                again.migrate("test", MIGRATIONS);
                cutPower(source);
            }
        }
        assertThat(cuts).isGreaterThan(40);
    }

    @Test
    void a_power_cut_twice_in_the_same_place_is_survived() throws Exception {
        JdbcDataSource source = source("twice");
        for (int at = 8; at > 4; at--) {
            isCut(new Failing(JdbiDatabase.over(source, "h2"), new int[] {at}, true));
            cutPower(source);
        }
        Database again = JdbiDatabase.over(source, "h2");
        again.migrate("test", MIGRATIONS);
        assertThat(again.query(Note.class, "SELECT id, the_text FROM note ORDER BY id", Map.of()))
                .containsExactly(new Note(2, "one"), new Note(7, "seven"));
        cutPower(source);
    }

    @Test
    void a_migration_that_changed_after_it_was_interrupted_is_refused() throws Exception {
        JdbcDataSource source = source("changed");
        assertThat(isCut(new Failing(JdbiDatabase.over(source, "h2"), new int[] {6}, true)))
                .isTrue();
        Database again = JdbiDatabase.over(source, "h2");
        assertThatThrownBy(
                        () -> again.migrate("test", List.of(new Migration(1, "CREATE TABLE else_where (id INT);\n"))))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("was changed after it ran");
        cutPower(source);
    }

    @Test
    void what_is_there_already_without_a_power_cut_is_an_error() throws Exception {
        JdbcDataSource source = source("there");
        Database database = JdbiDatabase.over(source, "h2");
        database.update("CREATE TABLE note (id INT)", Map.of());
        assertThatThrownBy(() -> database.migrate("test", MIGRATIONS))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("NOTE");
        cutPower(source);
    }

    @Test
    void a_statement_that_fails_is_tried_again_by_the_next_start_and_not_passed_over() throws Exception {
        JdbcDataSource source = source("failing");
        Database database = JdbiDatabase.over(source, "h2");
        List<Migration> bad = List.of(new Migration(1, """
                CREATE TABLE note (id INT);
                INSERT INTO nowhere VALUES (1);
                """));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> database.migrate("test", bad)).hasMessageContaining("NOWHERE");
        }
        database.update("CREATE TABLE nowhere (id INT)", Map.of());
        database.migrate("test", bad);
        assertThat(database.query(Id.class, "SELECT id FROM nowhere", Map.of())).containsExactly(new Id(1));
        cutPower(source);
    }

    /// A row.
    record Id(int id) {}
}
