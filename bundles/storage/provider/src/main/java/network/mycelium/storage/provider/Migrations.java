package network.mycelium.storage.provider;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import network.mycelium.storage.Database;
import network.mycelium.storage.Database.Migration;
import network.mycelium.storage.StorageException;

/// Runs what has not run yet, and remembers number and digest of each step in the table `mycelium_migration`.
final class Migrations {
    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS mycelium_migration (
              owner VARCHAR(255) NOT NULL,
              number INTEGER NOT NULL,
              sha256 VARCHAR(64) NOT NULL,
              PRIMARY KEY (owner, number)
            )""";

    /// A row of the table.
    record Applied(int number, String sha256) {}

    private Migrations() {}

    static void run(Database database, String owner, List<Migration> migrations) {
        database.update(TABLE, Map.of());
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
                apply(database, owner, migration);
            } else if (!known.equals(sha256(migration.sql()))) {
                throw new StorageException(
                        "Migration %d of %s was changed after it ran here. Undo the change and add a new migration."
                                .formatted(migration.number(), owner),
                        null);
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

    private static void apply(Database database, String owner, Migration migration) {
        for (String statement : migration.sql().split(";[ \\t]*(\\r?\\n|$)")) {
            if (!statement.isBlank()) {
                database.update(statement, Map.of());
            }
        }
        database.update(
                "INSERT INTO mycelium_migration (owner, number, sha256) VALUES (:owner, :number, :sha256)",
                Map.of("owner", owner, "number", migration.number(), "sha256", sha256(migration.sql())));
    }

    private static String sha256(String sql) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 in this Java", e);
        }
    }
}
