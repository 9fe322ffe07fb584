package network.mycelium.storage.provider;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.Set;
import network.mycelium.storage.StorageException;
import org.jdbi.v3.core.ConnectionException;

/// The file of the H2 database in the node home. One that is damaged is set aside, so that the node goes on with an
/// empty one.
record EmbeddedFile(Path database) {
    private static final Logger LOG = System.getLogger(EmbeddedFile.class.getName());

    /// H2: file corrupted, of another format; general error, which is what its storage throws.
    private static final Set<Integer> DAMAGE = Set.of(90030, 90048, 50000);

    /// H2: another process has it, out of memory.
    private static final Set<Integer> NO_DAMAGE = Set.of(90020, 90108);

    static EmbeddedFile in(Path home) {
        return new EmbeddedFile(home.resolve("data").resolve("mycelium").toAbsolutePath());
    }

    /// H2 stays open between calls and is closed when the bundle stops, not by a shutdown hook of its own. It writes a
    /// transaction before it returns, not half a second later.
    String url() {
        return "jdbc:h2:file:" + database + ";DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0;CACHE_SIZE=1024";
    }

    private Path file() {
        return database.resolveSibling(database.getFileName() + ".mv.db");
    }

    /// Whatever keeps H2 from reading its own file is, also that it ends too early, unless the system refuses it.
    /// What cannot be written, because the disk is full, harms nothing that was written before: H2 opens the file
    /// again at the next call.
    static boolean isDamage(Throwable failure) {
        boolean damage = false;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            switch (t) {
                case EOFException e -> {
                    damage = true;
                }
                case IOException e -> {
                    return false;
                }
                case SQLException e
                when NO_DAMAGE.contains(e.getErrorCode()) -> {
                    return false;
                }
                case SQLException e when DAMAGE.contains(e.getErrorCode()) -> damage = true;
                case ConnectionException e -> damage = true;
                default -> damage |= t.getClass().getName().equals("org.h2.mvstore.MVStoreException");
            }
        }
        return damage;
    }

    void setAside(Throwable damage) {
        Path aside = file().resolveSibling(file().getFileName() + ".damaged");
        try {
            Files.move(file(), aside, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StorageException(
                    "The database %s is damaged, and cannot be set aside: %s. Move it away yourself."
                            .formatted(file(), e),
                    damage);
        }
        Throwable root = damage;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        LOG.log(
                Level.ERROR,
                "the database {0} is damaged and is kept as {1}; an empty one takes its place, so the history begins anew. To have it back, put a backup in its place while the node is down: {2}",
                file(),
                aside,
                root.getMessage());
    }
}
