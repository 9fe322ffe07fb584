package network.mycelium.storage.provider;

import java.util.List;
import java.util.Map;
import network.mycelium.storage.StorageException;
import org.jdbi.v3.core.Handle;

/// One statement on one connection.
final class Statements {
    private Statements() {}

    static int update(Handle handle, String sql, Map<String, ?> parameters) {
        try (var update = handle.createUpdate(sql)) {
            return update.bindMap(parameters).execute();
        }
    }

    static <T> List<T> query(Handle handle, Class<T> row, String sql, Map<String, ?> parameters) {
        try (var query = handle.createQuery(sql)) {
            return query.bindMap(parameters).map(new RecordMapper<>(row)).list();
        }
    }

    static StorageException failed(String what, RuntimeException cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new StorageException("The database refused " + what.strip() + ": " + root.getMessage(), cause);
    }
}
