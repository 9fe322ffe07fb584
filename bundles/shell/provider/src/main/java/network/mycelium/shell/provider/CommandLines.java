package network.mycelium.shell.provider;

import java.util.List;
import java.util.stream.Collectors;

/// Between words from outside and Gogo's language, and from Gogo's exceptions to messages.
final class CommandLines {
    private CommandLines() {}

    /// One Gogo statement. `component list` and `component:list` mean the same; all words are quoted.
    static String of(List<String> words) {
        if (words.isEmpty()) {
            return "help";
        }
        // `help SCOPE` is the one command that is a word by itself and takes another.
        boolean scoped =
                words.get(0).contains(":") || words.size() == 1 || words.get(0).equals("help");
        String command = scoped ? words.get(0) : words.get(0) + ":" + words.get(1);
        if (!command.matches("[A-Za-z0-9_.*-]+(:[A-Za-z0-9_.*-]+)?")) {
            throw new IllegalArgumentException("There is no command " + command + "; try `help`.");
        }
        if (words.size() == 1 && !command.contains(":")) {
            return command;
        }
        return command
                + words.subList(scoped ? 1 : 2, words.size()).stream()
                        .map(CommandLines::quote)
                        .collect(Collectors.joining());
    }

    private static String quote(String word) {
        return " '" + word.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /// What went wrong, for people: no class names where a message was written for them.
    static String message(Throwable e) {
        Throwable cause = e;
        while (cause instanceof java.lang.reflect.InvocationTargetException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = String.valueOf(cause.getMessage());
        if (text.startsWith("Command not found")) {
            return text + "; `help` lists the commands.";
        }
        boolean written = cause.getClass().getName().startsWith("network.mycelium.")
                || cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException;
        return written ? text : cause.toString();
    }
}
