package network.mycelium.shell.ssh;

import java.util.ArrayList;
import java.util.List;

/// A line of `authorized_keys` in parts: options, maybe none, then type, key and comment. Blanks and commas in quotes
/// divide nothing; `\"` is a quote in quotes.
///
/// @param options as they stand there
/// @param key type and Base64, as SSHD reads them
record KeyLine(String options, String key, String comment) {
    /// @throws IllegalArgumentException if it is none, saying why
    static KeyLine parse(String line) {
        String text = line.strip().replace('\t', ' ');
        List<String> words = split(text, ' ');
        int type = isType(words.getFirst()) ? 0 : 1;
        if (words.size() < type + 2 || !isType(words.get(type))) {
            throw new IllegalArgumentException("it is no key: [OPTIONS] TYPE BASE64 [COMMENT]");
        }
        return new KeyLine(
                type == 0 ? "" : words.getFirst(),
                words.get(type) + " " + words.get(type + 1),
                String.join(" ", words.subList(type + 2, words.size())));
    }

    private static boolean isType(String word) {
        return word.matches("(ssh-|ecdsa-sha2-|sk-)[A-Za-z0-9@.-]+");
    }

    /// The parts of a text, as they stand there; empty ones are left out.
    static List<String> split(String text, char divider) {
        List<String> parts = new ArrayList<>();
        var part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                part.append("\\\"");
                i++;
                continue;
            }
            quoted ^= c == '"';
            if (c == divider && !quoted) {
                if (!part.isEmpty()) {
                    parts.add(part.toString());
                }
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        if (quoted && divider == ',') {
            throw new IllegalArgumentException("a quote does not end");
        }
        if (!part.isEmpty()) {
            parts.add(part.toString());
        }
        return parts;
    }

    /// @throws IllegalArgumentException if it is not one text in quotes
    static String unquote(String value) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"") || value.endsWith("\\\"")) {
            throw new IllegalArgumentException("the value of an option stands in quotes, not as " + value);
        }
        return value.substring(1, value.length() - 1).replace("\\\"", "\"");
    }
}
