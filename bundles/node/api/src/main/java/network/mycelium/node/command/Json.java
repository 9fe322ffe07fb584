package network.mycelium.node.command;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/// Writes JSON (RFC 8259) for maps, collections, strings, numbers and booleans. A time is a string as in ISO 8601, an
/// empty `Optional` is null; a duration is given as a number, with its unit in the name.
public final class Json {
    private Json() {}

    public static String write(Object value) {
        var text = new StringBuilder();
        write(text, value);
        return text.toString();
    }

    /// What is told of a failure: `{"error": …}`.
    public static String error(String message) {
        return write(Map.of("error", message));
    }

    private static void write(StringBuilder text, Object value) {
        switch (value) {
            case null -> text.append("null");
            case Optional<?> maybe -> write(text, maybe.orElse(null));
            case Shown shown -> write(text, shown.data());
            case Map<?, ?> map -> object(text, map);
            case Collection<?> list -> array(text, list);
            case Number number -> text.append(number);
            case Boolean bool -> text.append(bool);
            default -> string(text, value.toString());
        }
    }

    private static void object(StringBuilder text, Map<?, ?> map) {
        text.append('{');
        String separator = "";
        for (var entry : map.entrySet()) {
            text.append(separator);
            string(text, String.valueOf(entry.getKey()));
            text.append(':');
            write(text, entry.getValue());
            separator = ",";
        }
        text.append('}');
    }

    private static void array(StringBuilder text, Collection<?> list) {
        text.append('[');
        for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
            write(text, i.next());
            text.append(i.hasNext() ? "," : "");
        }
        text.append(']');
    }

    private static void string(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c) && !paired(value, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean paired(String value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
