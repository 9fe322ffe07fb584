package network.mycelium.node.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a command answers: rows of named values, printed as aligned columns or as JSON. One record alone is
/// printed as one line a value. What may be missing is an `Optional`.
///
/// @param single one record rather than a list of them
public record Table(List<String> columns, List<List<Object>> rows, boolean single) {
    private static final int MAX_CELL = 100;

    public static Table of(String... columns) {
        return new Table(List.of(columns), new ArrayList<>(), false);
    }

    public static Table single(Map<String, ?> values) {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(new ArrayList<>(values.values()));
        return new Table(List.copyOf(values.keySet()), rows, true);
    }

    public Table row(Object... values) {
        rows.add(List.of(values));
        return this;
    }

    public String json() {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (List<Object> row : rows) {
            Map<String, Object> object = new java.util.LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                object.put(columns.get(i), row.get(i));
            }
            objects.add(object);
        }
        return Json.write(single ? objects.get(0) : objects);
    }

    public String text() {
        if (single) {
            return record();
        }
        if (rows.isEmpty()) {
            return "(none)";
        }
        int[] width = new int[columns.size()];
        for (int i = 0; i < width.length; i++) {
            int column = i;
            width[i] = Math.max(
                    columns.get(i).length(),
                    rows.stream()
                            .mapToInt(r -> cell(r.get(column)).length())
                            .max()
                            .orElse(0));
        }
        var text = new StringBuilder();
        line(text, columns.stream().map(String::toUpperCase).toList(), width);
        rows.forEach(r -> line(text, r.stream().map(Table::cell).toList(), width));
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, List<String> cells, int[] width) {
        for (int i = 0; i < width.length; i++) {
            text.append(cells.get(i));
            if (i < width.length - 1) {
                text.repeat(' ', width[i] - cells.get(i).length() + 2);
            }
        }
        text.append('\n');
    }

    private String record() {
        int width = columns.stream().mapToInt(String::length).max().orElse(0);
        var text = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i);
            Object value = rows.get(0).get(i);
            // What stands in a value cannot look like another line of the record.
            String indent = "\n" + " ".repeat(width + 2);
            String shown = (value instanceof Collection<?> list
                            ? list.stream().map(Table::shown).collect(Collectors.joining("\n"))
                            : shown(value))
                    .replace("\n", indent);
            text.append(name)
                    .repeat(' ', width - name.length() + 2)
                    .append(shown.isEmpty() ? "-" : shown)
                    .append('\n');
        }
        return text.toString().stripTrailing();
    }

    private static String shown(Object value) {
        return TerminalText.block(plain(value));
    }

    private static String plain(Object value) {
        return String.valueOf(
                value instanceof Optional<?> maybe
                        ? maybe.map(Object.class::cast).orElse("")
                        : value);
    }

    private static String cell(Object value) {
        String text = value instanceof Collection<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : plain(value);
        text = text.isEmpty() ? "-" : TerminalText.line(text.replace('\n', ' '));
        return text.length() <= MAX_CELL ? text : text.substring(0, MAX_CELL - 1) + "…";
    }

    /// How it is shown when Gogo prints a result itself, as in a script.
    @Override
    public String toString() {
        return text();
    }
}
