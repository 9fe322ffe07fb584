package network.mycelium.storage.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import network.mycelium.storage.Database;
import network.mycelium.storage.Database.Migration;
import network.mycelium.storage.StorageException;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/// The same calls on H2 and on a real PostgreSQL server, where Debian's is installed.
class JdbiDatabaseTest {
    @TempDir
    Path temp;

    /// A row.
    record Note(long id, String theText) {}

    private static final List<Migration> FIRST = List.of(new Migration(1, """
            CREATE TABLE note (id BIGINT PRIMARY KEY, the_text VARCHAR(100) NOT NULL);
            CREATE INDEX note_text ON note (the_text);
            """));

    private static void works(Database database) {
        database.migrate("test", FIRST);
        database.migrate("test", FIRST);
        assertThat(database.update("INSERT INTO note VALUES (:id, :text)", Map.of("id", 1, "text", "it's")))
                .isEqualTo(1);
        assertThat(database.query(Note.class, "SELECT * FROM note", Map.of())).containsExactly(new Note(1, "it's"));

        assertThatThrownBy(() -> database.transaction(t -> {
                    t.update("INSERT INTO note VALUES (2, 'gone')", Map.of());
                    t.update("INSERT INTO note VALUES (1, 'twice')", Map.of());
                }))
                .isInstanceOf(StorageException.class);
        assertThat(database.query(Note.class, "SELECT * FROM note", Map.of())).hasSize(1);

        assertThatThrownBy(() -> database.migrate("test", List.of(new Migration(1, "CREATE TABLE other (id INT);\n"))))
                .hasMessageContaining("was changed after it ran");
        assertThatThrownBy(
                        () -> database.migrate("test", List.of(FIRST.get(0), new Migration(2, "CREATE NONSENSE;\n"))))
                .hasMessageContaining("NONSENSE");
        database.migrate("test", List.of(FIRST.get(0), new Migration(2, "ALTER TABLE note ADD COLUMN more INT;\n")));
        assertThatThrownBy(() -> database.migrate("test", FIRST)).hasMessageContaining("newer than this version");
        assertThatThrownBy(() -> database.query(Note.class, "SELECT * FROM nowhere", Map.of()))
                .hasMessageContaining("SELECT * FROM nowhere");
    }

    @Test
    void works_on_h2_and_survives_a_restart() {
        var source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + temp.resolve("db"));
        works(JdbiDatabase.over(source, "h2"));
        assertThat(JdbiDatabase.over(source, "h2").query(Note.class, "SELECT id, the_text FROM note", Map.of()))
                .hasSize(1);
    }

    @Test
    void works_on_postgresql() throws Exception {
        Path bin = postgres();
        assumeTrue(bin != null, "no PostgreSQL server here (Debian: apt-get install postgresql)");
        Path data = Files.createTempDirectory("mycelium-pg");
        assumeTrue(
                run("chown", "postgres", data.toString()) == 0,
                "PostgreSQL needs root and the user postgres for this test");
        int port = freePort();
        try {
            assertThat(asPostgres(bin.resolve("initdb") + " -D " + data + "/db -A trust -U mycelium"))
                    .isZero();
            assertThat(asPostgres(bin.resolve("pg_ctl") + " -D " + data + "/db -w -l " + data + "/log -o '-p " + port
                            + " -c listen_addresses=127.0.0.1 -k " + data + "' start"))
                    .isZero();
            DataSource source = source(port);
            works(JdbiDatabase.over(source, "postgresql"));
        } finally {
            asPostgres(bin.resolve("pg_ctl") + " -D " + data + "/db -m immediate stop");
            run("rm", "-rf", data.toString());
        }
    }

    private static DataSource source(int port) {
        var source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName("postgres");
        source.setUser("mycelium");
        return source;
    }

    private static Path postgres() throws IOException {
        Path root = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(root)) {
            return null;
        }
        try (Stream<Path> versions = Files.list(root)) {
            return versions.map(v -> v.resolve("bin"))
                    .filter(b -> Files.isExecutable(b.resolve("initdb")))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static int asPostgres(String command) throws Exception {
        return run("su", "postgres", "-s", "/bin/sh", "-c", command);
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
