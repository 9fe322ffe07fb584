package network.mycelium.storage.provider;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.mycelium.files.Sha256;
import network.mycelium.storage.Database;
import network.mycelium.storage.Database.Migration;
import network.mycelium.storage.StorageException;

/// Runs what has not run yet, and remembers number and digest of each migration in the table `mycelium_migration`.
///
/// Where a change of tables is part of a transaction, as in PostgreSQL, all is one. H2 commits each such change by
/// itself, so there each statement is a step: the table `mycelium_migration_step` says which is next. After a crash the
/// steps go on from there. The one that was next may have been done all the same, as its change of a table and the note
/// of it are two commits; so it, and it alone, may find that what it makes is there, or that what it takes away is
/// gone.
final class Migrations {
    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS mycelium_migration (
              owner VARCHAR(255) NOT NULL,
              number INTEGER NOT NULL,
              sha256 VARCHAR(64) NOT NULL,
              PRIMARY KEY (owner, number)
            )""";
    private static final String STEPS = """
            CREATE TABLE IF NOT EXISTS mycelium_migration_step (
              owner VARCHAR(255) NOT NULL PRIMARY KEY,
              number INTEGER NOT NULL,
              sha256 VARCHAR(64) NOT NULL,
              step INTEGER NOT NULL
            )""";

    /// H2's codes for what is there already, and for what is not there: tables, indexes, columns, constraints, views,
    /// schemas, sequences, domains.
    private static final Set<Integer> DONE_BEFORE = Set.of(
            42101, 42102, 42103, 42104, 42111, 42112, 42121, 42122, 90045, 90057, 90038, 90037, 90078, 90079, 90035,
            90036, 90119, 90120);

    private static final Pattern CHANGE_OF_TABLES =
            Pattern.compile("^\\s*(CREATE|ALTER|DROP)\\b", Pattern.CASE_INSENSITIVE);

    /// A row of the table.
    record Applied(int number, String sha256) {}

    /// A row of the table of steps: what is being done, and the statement that is next.
    record Step(int number, String sha256, int step) {}

    private final Database database;
    private final String owner;

    private Migrations(Database database, String owner) {
        this.database = database;
        this.owner = owner;
    }

    static void run(Database database, String owner, List<Migration> migrations) {
        new Migrations(database, owner).run(migrations);
    }

    private boolean inSteps() {
        return database.dialect().equals("h2");
    }

    private void run(List<Migration> migrations) {
        database.update(TABLE, Map.of());
        if (inSteps()) {
            database.update(STEPS, Map.of());
        }
        Map<Integer, String> applied = new HashMap<>();
        database.query(
                        Applied.class,
                        "SELECT number, sha256 FROM mycelium_migration WHERE owner = :owner",
                        Map.of("owner", owner))
                .forEach(a -> applied.put(a.number(), a.sha256()));
        int before = 0;
        for (Migration migration : migrations) {
            if (migration.number() <= before) {
                throw new StorageException(
                        "The migrations of %s are out of order: %d after %d."
                                .formatted(owner, migration.number(), before),
                        null);
            }
            before = migration.number();
            String known = applied.get(migration.number());
            if (known == null) {
                apply(migration);
            } else if (!known.equals(sha256(migration.sql()))) {
                throw changed(migration);
            }
        }
        int newest = applied.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (newest > before) {
            throw new StorageException(
                    "The tables of %s are at migration %d, newer than this version's %d. Update it, or restore a backup."
                            .formatted(owner, newest, before),
                    null);
        }
    }

    private StorageException changed(Migration migration) {
        return new StorageException(
                "Migration %d of %s was changed after it ran here. Undo the change and add a new migration."
                        .formatted(migration.number(), owner),
                null);
    }

    private void apply(Migration migration) {
        List<String> statements = Stream.of(migration.sql().split(";[ \\t]*(\\r?\\n|$)"))
                .filter(statement -> !statement.isBlank())
                .toList();
        if (inSteps()) {
            applyInSteps(migration, statements);
            return;
        }
        statements.forEach(statement -> database.update(statement, Map.of()));
        note(database, migration);
    }

    private void applyInSteps(Migration migration, List<String> statements) {
        Optional<Step> interrupted = step().filter(s -> s.number() == migration.number());
        if (interrupted.filter(s -> !s.sha256().equals(sha256(migration.sql()))).isPresent()) {
            throw changed(migration);
        }
        int first = interrupted.map(Step::step).orElse(0);
        if (interrupted.isEmpty()) {
            database.transaction(t -> noteStep(t, migration, 0));
        }
        for (int i = first; i < statements.size(); i++) {
            String statement = statements.get(i);
            int next = i + 1;
            boolean mayBeDone = interrupted.isPresent() && i == first;
            try {
                // One transaction, unless the statement ends it.
                database.transaction(t -> {
                    once(t, statement, mayBeDone);
                    noteStep(t, migration, next);
                });
            } catch (RuntimeException e) {
                if (i == 0) {
                    forgetStep(database);
                }
                throw e;
            }
        }
        database.transaction(t -> {
            note(t, migration);
            forgetStep(t);
        });
    }

    private void forgetStep(Database in) {
        in.update("DELETE FROM mycelium_migration_step WHERE owner = :owner", Map.of("owner", owner));
    }

    private static void once(Database database, String statement, boolean mayBeDone) {
        try {
            database.update(statement, Map.of());
        } catch (RuntimeException e) {
            if (!mayBeDone || !CHANGE_OF_TABLES.matcher(statement).find() || !DONE_BEFORE.contains(errorCode(e))) {
                throw e;
            }
        }
    }

    private static int errorCode(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql) {
                return sql.getErrorCode();
            }
        }
        return 0;
    }

    private Optional<Step> step() {
        return database
                .query(
                        Step.class,
                        "SELECT number, sha256, step FROM mycelium_migration_step WHERE owner = :owner",
                        Map.of("owner", owner))
                .stream()
                .findFirst();
    }

    private void noteStep(Database in, Migration migration, int step) {
        forgetStep(in);
        in.update(
                "INSERT INTO mycelium_migration_step (owner, number, sha256, step) VALUES (:owner, :number, :sha256, :step)",
                Map.of("owner", owner, "number", migration.number(), "sha256", sha256(migration.sql()), "step", step));
    }

    private void note(Database in, Migration migration) {
        in.update(
                "INSERT INTO mycelium_migration (owner, number, sha256) VALUES (:owner, :number, :sha256)",
                Map.of("owner", owner, "number", migration.number(), "sha256", sha256(migration.sql())));
    }

    private static String sha256(String sql) {
        return Sha256.of(sql.getBytes(StandardCharsets.UTF_8));
    }
}
