package network.mycelium.component.director;

/// Texts that others wrote, before they are kept or shown.
final class Texts {
    private Texts() {}

    /// On one line, without control characters, and cut where it is too long.
    static String shown(String text, int most) {
        String line = text.codePoints()
                .limit(most + 1L)
                .map(c -> isUnsafe(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return line.codePointCount(0, line.length()) <= most
                ? line
                : line.substring(0, line.offsetByCodePoints(0, most)) + "…";
    }

    /// Terminals obey control characters and are led astray by those that turn the direction of writing.
    private static boolean isUnsafe(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
