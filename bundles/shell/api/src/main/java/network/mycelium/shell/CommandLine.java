package network.mycelium.shell;

import java.util.ArrayList;
import java.util.List;

/// Command lines as people type them.
public final class CommandLine {
    private CommandLine() {}

    /// A line into its words, as typed: words in quotes may hold spaces.
    ///
    /// @throws IllegalArgumentException if a quote does not end
    public static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        var word = new StringBuilder();
        boolean inside = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inside = true;
            } else if (!Character.isWhitespace(c)) {
                word.append(c);
                inside = true;
            } else if (inside) {
                words.add(word.toString());
                word.setLength(0);
                inside = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("A quote does not end in: " + line);
        }
        if (inside) {
            words.add(word.toString());
        }
        return words;
    }
}
