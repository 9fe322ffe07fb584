package network.mycelium.shell.provider.settings;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// The text of one file of settings: UTF-8, one `key = value` a line; lines that begin with `#` and empty ones say
/// nothing. A value is what follows the first `=`, without the spaces around it; quotes around it are taken off, so
/// that
/// a value may begin or end with spaces. Every line is kept as it was written, also those that are wrong.
final class SettingsFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /// What a line says.
    ///
    /// @param line from 1 on
    record Entry(int line, String key, String value) {}

    /// What is wrong with a line, as the rest of a sentence about it.
    ///
    /// @param line from 1 on; 0 for all of the file
    record Mistake(int line, String problem) {}

    private final List<byte[]> lines;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Mistake> mistakes = new ArrayList<>();

    private SettingsFile(List<byte[]> lines) {
        this.lines = lines;
        var first = new TreeMap<String, Integer>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < lines.size(); i++) {
            read(i + 1, lines.get(i));
        }
        for (Entry entry : entries) {
            Integer before = first.put(entry.key(), entry.line());
            if (before != null) {
                mistakes.add(new Mistake(
                        before, "%s is set again in line %d, which holds".formatted(entry.key(), entry.line())));
            }
        }
    }

    /// Reads any bytes whatever: what is wrong with them is among the [mistakes][#mistakes].
    static SettingsFile parse(byte[] content) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n') {
                lines.add(Arrays.copyOfRange(content, start, i));
                start = i + 1;
            }
        }
        if (start < content.length) {
            lines.add(Arrays.copyOfRange(content, start, content.length));
        }
        return new SettingsFile(lines);
    }

    private void read(int number, byte[] raw) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException e) {
            mistakes.add(new Mistake(number, "it is not text in UTF-8"));
            return;
        }
        if (number == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        text = text.strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return;
        }
        int equals = text.indexOf('=');
        if (equals <= 0) {
            mistakes.add(new Mistake(
                    number,
                    equals < 0 ? "it has no =; a setting is written key = value" : "no key stands before the ="));
            return;
        }
        entries.add(new Entry(
                number,
                text.substring(0, equals).strip(),
                unquoted(text.substring(equals + 1).strip())));
    }

    private static String unquoted(String value) {
        return isQuoted(value) ? value.substring(1, value.length() - 1) : value;
    }

    private static boolean isQuoted(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    }

    /// What the lines say that can be read, in their order. Of several for one key the last holds.
    List<Entry> entries() {
        return List.copyOf(entries);
    }

    List<Mistake> mistakes() {
        return List.copyOf(mistakes);
    }

    /// The file with a setting changed in its place, or added at the end. All other lines stay.
    ///
    /// @throws IllegalArgumentException if the key or the value cannot stand in one line
    SettingsFile with(String key, String value) {
        if (key.isBlank()
                || !key.equals(key.strip())
                || key.startsWith("#")
                || key.indexOf('=') >= 0
                || !isOneLine(key)) {
            throw new IllegalArgumentException("A setting cannot be called '" + key + "'.");
        }
        if (!isOneLine(value)) {
            throw new IllegalArgumentException("The value of " + key + " must be one line of text.");
        }
        String written = value.equals(value.strip()) && !isQuoted(value) ? value : '"' + value + '"';
        String line = key + " = " + written;
        List<byte[]> changed = new ArrayList<>(lines);
        Entry last = entries.stream()
                .filter(e -> e.key().equals(key))
                .reduce((a, b) -> b)
                .orElse(null);
        if (last == null) {
            boolean carriageReturns = !lines.isEmpty() && endsWithReturn(lines.getFirst());
            changed.add(bytes(line, carriageReturns));
        } else if (!last.value().equals(value)) {
            changed.set(last.line() - 1, bytes(line, endsWithReturn(lines.get(last.line() - 1))));
        }
        return new SettingsFile(changed);
    }

    /// The file without a setting.
    SettingsFile without(String key) {
        List<Integer> gone = entries.stream()
                .filter(e -> e.key().equals(key))
                .map(Entry::line)
                .toList();
        List<byte[]> left = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!gone.contains(i + 1)) {
                left.add(lines.get(i));
            }
        }
        return new SettingsFile(left);
    }

    private static boolean isOneLine(String text) {
        return text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\t')
                && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static boolean endsWithReturn(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\r';
    }

    private static byte[] bytes(String line, boolean carriageReturn) {
        return (carriageReturn ? line + "\r" : line).getBytes(StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        var out = new ByteArrayOutputStream();
        for (byte[] line : lines) {
            out.writeBytes(line);
            out.write('\n');
        }
        return out.toByteArray();
    }
}
