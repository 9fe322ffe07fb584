package network.mycelium.storage;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/// The node's database. SQL is written once, in what H2 and PostgreSQL share; parameters are named, `:name`.
///
/// Threading: safe from any thread; each call takes a connection of its own and blocks while the database works.
@ProviderType
public interface Database {
    /// Brings the tables of one owner up to date, in one transaction. Each migration runs once; one that was
    /// changed after it ran is refused.
    ///
    /// @param owner whose tables these are, such as a bundle's symbolic name
    /// @param migrations in their order; numbers rise
    void migrate(String owner, List<Migration> migrations);

    /// A step of a schema.
    ///
    /// @param number from 1 on
    /// @param sql one or more statements, each ended by `;` at a line's end
    record Migration(int number, String sql) {}

    /// Runs one statement that changes data, and commits.
    ///
    /// @return the rows changed
    int update(String sql, Map<String, ?> parameters);

    /// Runs one query.
    ///
    /// @param row a record class whose components are named like the columns, without regard to `_` and case
    <T> List<T> query(Class<T> row, String sql, Map<String, ?> parameters);

    /// Runs several calls in one transaction: all or nothing.
    void transaction(Work work);

    /// What a transaction does, with a database that is bound to it.
    interface Work {
        void run(Database inTransaction);
    }

    /// `h2` or `postgresql`, for the few statements that must differ.
    String dialect();
}
