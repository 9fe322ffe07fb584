package network.mycelium.node.command;

import java.util.Locale;

/// What may reach a terminal: printable characters. All others, which could steer it or make one text look like
/// another (controls, invisible format characters, halves of surrogate pairs), are shown as `\u001b`, which is also
/// how JSON writes them. Names, reports and whatever else comes from other nodes pass here.
public final class TerminalText {
    private TerminalText() {}

    /// Text of several lines.
    public static String block(String text) {
        return shown(text, true);
    }

    /// One line: what breaks lines is shown as well.
    public static String line(String text) {
        return shown(text, false);
    }

    private static String shown(String text, boolean lines) {
        if (text.codePoints().allMatch(c -> isPrintable(c, lines))) {
            return text;
        }
        var shown = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> append(shown, c, lines));
        return shown.toString();
    }

    private static void append(StringBuilder shown, int codePoint, boolean lines) {
        if (isPrintable(codePoint, lines)) {
            shown.appendCodePoint(codePoint);
            return;
        }
        for (char c : Character.toChars(codePoint)) {
            shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
    }

    private static boolean isPrintable(int codePoint, boolean lines) {
        if (codePoint == '\n' || codePoint == '\t') {
            return lines;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
