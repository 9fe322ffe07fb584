package network.mycelium.storage.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import javax.sql.DataSource;
import network.mycelium.storage.Database;
import network.mycelium.storage.StorageException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.jdbc.DataSourceFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The database service. The connection is made at the first call, so that a node that stores nothing loads no
/// database. The driver comes from whatever bundle registers the standard `DataSourceFactory` for it.
@Component(configurationPid = JdbiDatabase.PID)
@Designate(ocd = JdbiDatabase.Config.class)
public final class JdbiDatabase implements Database {
    static final String PID = "network.mycelium.storage";
    private static final Logger LOG = System.getLogger(JdbiDatabase.class.getName());
    private static final Map<String, String> DRIVERS =
            Map.of("h2", "org.h2.Driver", "postgresql", "org.postgresql.Driver");

    @ObjectClassDefinition(name = "Storage")
    @interface Config {
        @AttributeDefinition(
                description =
                        "JDBC URL, jdbc:h2:... or jdbc:postgresql:...; empty: H2 in the folder data of the node home")
        String url() default "";

        @AttributeDefinition(description = "Database user")
        String user() default "";

        @AttributeDefinition(description = "Password of the database user")
        String _password() default "";
    }

    /// Makes the source of connections, at the first call.
    interface Opening {
        DataSource open() throws SQLException;
    }

    private final Opening opening;
    private final String url;
    /// Where the database is in the node home.
    private final Optional<EmbeddedFile> embedded;

    /// What has run, in case the tables must be made anew. Guarded by this.
    private final Map<String, List<Migration>> migrated = new LinkedHashMap<>();

    private Jdbi jdbi;

    @Activate
    public JdbiDatabase(BundleContext context, Config config) {
        this.embedded = config.url().isEmpty()
                ? Optional.of(EmbeddedFile.in(Path.of(context.getProperty("mycelium.home"))))
                : Optional.empty();
        this.url = embedded.map(EmbeddedFile::url).orElse(config.url());
        this.opening = () -> dataSource(context, config);
    }

    private JdbiDatabase(String url, Optional<EmbeddedFile> embedded, Opening opening) {
        this.url = url;
        this.embedded = embedded;
        this.opening = opening;
    }

    /// The database behind a given source, without OSGi.
    static Database over(DataSource source, String dialect) {
        return new JdbiDatabase("jdbc:" + dialect + ":", Optional.empty(), () -> source);
    }

    /// The one in the node home, without OSGi.
    static JdbiDatabase over(EmbeddedFile file, Opening opening) {
        return new JdbiDatabase(file.url(), Optional.of(file), opening);
    }

    @Deactivate
    synchronized void deactivate() {
        if (jdbi == null || !dialect().equals("h2")) {
            return;
        }
        try {
            end("SHUTDOWN");
        } catch (SQLException | JdbiException e) {
            LOG.log(Level.WARNING, "the database did not close; it repairs itself at the next start", e);
        }
    }

    /// By plain JDBC: after a shutdown the connection cannot be asked for a result.
    private void end(String shutdown) throws SQLException {
        try (Handle handle = jdbi.open();
                Statement statement = handle.getConnection().createStatement()) {
            statement.execute(shutdown);
        }
    }

    /// What the call gives; where the file turns out to be damaged, what it gives with an empty one.
    private <T> T with(Function<Jdbi, T> call) {
        try {
            return call.apply(jdbi());
        } catch (RuntimeException e) {
            if (embedded.isEmpty() || !EmbeddedFile.isDamage(e)) {
                throw e;
            }
            beginAnew(embedded.get(), e);
            return call.apply(jdbi());
        }
    }

    private synchronized void beginAnew(EmbeddedFile file, RuntimeException damage) {
        if (jdbi != null) {
            try {
                end("SHUTDOWN IMMEDIATELY");
            } catch (SQLException | JdbiException e) {
                LOG.log(Level.DEBUG, "the damaged database did not close: {0}", e.toString());
            }
            jdbi = null;
        }
        file.setAside(damage);
        Map.copyOf(migrated).forEach((owner, migrations) -> Migrations.run(this, owner, migrations));
    }

    private synchronized Jdbi jdbi() {
        if (jdbi == null) {
            try {
                jdbi = Jdbi.create(opening.open());
            } catch (SQLException e) {
                throw new StorageException("The database " + url + " cannot be opened: " + e.getMessage(), e);
            }
        }
        return jdbi;
    }

    private DataSource dataSource(BundleContext context, Config config) throws SQLException {
        String driver = DRIVERS.get(dialect());
        if (driver == null) {
            throw new SQLException("only jdbc:h2 and jdbc:postgresql are supported; set `url` in " + PID);
        }
        try {
            var references = context.getServiceReferences(
                    DataSourceFactory.class, "(" + DataSourceFactory.OSGI_JDBC_DRIVER_CLASS + "=" + driver + ")");
            if (references.isEmpty()) {
                throw new SQLException("no bundle offers the driver " + driver
                        + "; load it with `component load org.postgresql.jdbc`");
            }
            ServiceReference<DataSourceFactory> reference =
                    references.iterator().next();
            var properties = new Properties();
            properties.setProperty(DataSourceFactory.JDBC_URL, url);
            if (!config.user().isEmpty()) {
                properties.setProperty(DataSourceFactory.JDBC_USER, config.user());
                properties.setProperty(DataSourceFactory.JDBC_PASSWORD, config._password());
            }
            return context.getService(reference).createDataSource(properties);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String dialect() {
        String[] part = url.split(":", 3);
        return part.length < 2 ? "" : part[1];
    }

    @Override
    public void migrate(String owner, List<Migration> migrations) {
        if (dialect().equals("h2")) {
            Migrations.run(this, owner, migrations);
        } else {
            transaction(database -> Migrations.run(database, owner, migrations));
        }
        synchronized (this) {
            migrated.put(owner, List.copyOf(migrations));
        }
    }

    @Override
    public int update(String sql, Map<String, ?> parameters) {
        try {
            return with(jdbi -> jdbi.withHandle(h -> Statements.update(h, sql, parameters)));
        } catch (JdbiException e) {
            throw Statements.failed(sql, e);
        }
    }

    @Override
    public <T> List<T> query(Class<T> row, String sql, Map<String, ?> parameters) {
        try {
            return with(jdbi -> jdbi.withHandle(h -> Statements.query(h, row, sql, parameters)));
        } catch (JdbiException e) {
            throw Statements.failed(sql, e);
        }
    }

    @Override
    public void transaction(Work work) {
        try {
            with(jdbi -> jdbi.inTransaction(handle -> {
                work.run(new InTransaction(handle, dialect()));
                return Optional.empty();
            }));
        } catch (JdbiException e) {
            throw Statements.failed("a transaction", e);
        }
    }

    /// The same calls on the one connection of a transaction.
    private record InTransaction(Handle handle, String dialect) implements Database {
        @Override
        public void migrate(String owner, List<Migration> migrations) {
            Migrations.run(this, owner, migrations);
        }

        @Override
        public int update(String sql, Map<String, ?> parameters) {
            return Statements.update(handle, sql, parameters);
        }

        @Override
        public <T> List<T> query(Class<T> row, String sql, Map<String, ?> parameters) {
            return Statements.query(handle, row, sql, parameters);
        }

        @Override
        public void transaction(Work work) {
            work.run(this);
        }
    }
}
