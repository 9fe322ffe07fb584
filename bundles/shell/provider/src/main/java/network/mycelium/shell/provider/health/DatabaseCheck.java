package network.mycelium.shell.provider.health;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.storage.Database;
import network.mycelium.storage.StorageException;

/// Whether the database answers. An embedded one that nobody has used yet is not made for this.
public final class DatabaseCheck implements HealthCheck {
    private static final String PID = "network.mycelium.storage";

    private final Path home;
    private final Supplier<Database> database;
    private final Supplier<Boolean> configured;

    /// @param database gives null while there is none
    /// @param configured whether the settings name a database
    public DatabaseCheck(Path home, Supplier<Database> database, Supplier<Boolean> configured) {
        this.home = home;
        this.database = database;
        this.configured = configured;
    }

    /// What the query gives.
    record One(int one) {}

    @Override
    public String name() {
        return "database";
    }

    @Override
    public Finding look() {
        boolean external = configured.get();
        if (!external && !Files.exists(home.resolve("data/mycelium.mv.db"))) {
            return new Finding("not used yet", List.of());
        }
        Database there = database.get();
        if (there == null) {
            return unwell("there is no database service", "see `node log --level ERROR`", "");
        }
        try {
            there.query(One.class, "SELECT 1 AS one", Map.of());
            return new Finding(there.dialect() + " answers", List.of());
        } catch (StorageException e) {
            return external
                    ? unwell(
                            "the database cannot be reached: " + e.getMessage(),
                            "start it, or correct url, user and .password: `node config " + PID + "`",
                            there.dialect())
                    : unwell(
                            "the database in %s cannot be used: %s".formatted(home.resolve("data"), e.getMessage()),
                            "stop the node and restore data/mycelium.mv.db from a backup, or move it away to begin anew",
                            there.dialect());
        }
    }

    private static Finding unwell(String problem, String remedy, String detail) {
        return new Finding(detail, List.of(new Problem(problem, remedy)));
    }
}
