package network.mycelium.storage.provider;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;

/// Makes a record of a row, by the names of its columns without regard to `_` and case. Jdbi's own mapper needs
/// `java.beans`, and with it a module that is larger than the whole core.
final class RecordMapper<T> implements RowMapper<T> {
    private final RecordComponent[] components;
    private final Constructor<T> constructor;

    RecordMapper(Class<T> row) {
        if (!row.isRecord()) {
            throw new IllegalArgumentException(row + " is no record");
        }
        this.components = row.getRecordComponents();
        try {
            this.constructor = row.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("Every record has this constructor", e);
        }
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    @Override
    public T map(ResultSet rows, StatementContext context) throws SQLException {
        var columns = rows.getMetaData();
        Map<String, Integer> places = new HashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            places.put(plain(columns.getColumnLabel(i)), i);
        }
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            RecordComponent component = components[i];
            Integer place = places.get(plain(component.getName()));
            if (place == null) {
                throw new SQLException("The query has no column for %s of %s"
                        .formatted(
                                component.getName(),
                                constructor.getDeclaringClass().getName()));
            }
            values[i] = context.findColumnMapperFor(component.getGenericType())
                    .orElseThrow(() -> new SQLException("No column can be a " + component.getGenericType()))
                    .map(rows, place, context);
        }
        try {
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new SQLException(
                    "A row does not make a " + constructor.getDeclaringClass().getName(), e);
        }
    }
}
