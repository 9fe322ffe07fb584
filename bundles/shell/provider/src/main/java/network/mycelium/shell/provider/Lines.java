package network.mycelium.shell.provider;

/// Lines that people type at the prompt.
final class Lines {
    private static final String GOGO = "|;&${}<>`";

    private Lines() {}

    /// Whether a line needs Gogo's language: it has one of its characters outside of single quotes, which in a plain
    /// command stand in quotes.
    static boolean isScript(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else if (quote == '"' && c == '$') {
                    return true;
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (GOGO.indexOf(c) >= 0) {
                return true;
            }
        }
        return false;
    }
}
