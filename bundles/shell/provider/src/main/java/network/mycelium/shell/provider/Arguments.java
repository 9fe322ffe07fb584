package network.mycelium.shell.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The words after a command: options that begin with `--`, and the rest.
final class Arguments {
    private static final int MAX_LINE = 64 << 10;

    private final String usage;
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> options = new HashMap<>();
    private final InputStream input;

    /// A wrong command line. The message says what was wrong and how it is written.
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message, String usage) {
            super(message + "\nUsage: " + usage);
        }
    }

    private Arguments(String usage, InputStream input) {
        this.usage = usage;
        this.input = input;
    }

    /// @param flags options without a value
    /// @param valued options that take the next word
    /// @param input what the command may read
    static Arguments parse(
            String usage, Object[] given, int least, int most, Set<String> flags, Set<String> valued, InputStream input)
            throws UsageException {
        var arguments = new Arguments(usage, input);
        for (int i = 0; i < given.length; i++) {
            String word = String.valueOf(given[i]);
            if (!word.startsWith("--")) {
                arguments.words.add(word);
            } else if (flags.contains(word)) {
                arguments.options.put(word, "");
            } else if (valued.contains(word)) {
                if (++i == given.length) {
                    throw new UsageException(word + " needs a value.", usage);
                }
                arguments.options.put(word, String.valueOf(given[i]));
            } else {
                throw new UsageException("Unknown option " + word + ".", usage);
            }
        }
        if (arguments.words.size() < least || arguments.words.size() > most) {
            throw new UsageException(
                    arguments.words.size() < least ? "Something is missing." : "Too many words.", usage);
        }
        return arguments;
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) throws UsageException {
        try {
            return has(name) ? Integer.parseInt(options.get(name)) : otherwise;
        } catch (NumberFormatException e) {
            throw new UsageException(name + " needs a whole number, not " + options.get(name) + ".", usage);
        }
    }

    String word(int i, String otherwise) {
        return i < words.size() ? words.get(i) : otherwise;
    }

    String word(int i) {
        return words.get(i);
    }

    List<String> words() {
        return words;
    }

    /// What stands in a file of this machine, or comes by standard input if it is called `-`: the first line of it. So
    /// nobody sees a secret in the list of processes.
    String firstLineOf(String file) throws IOException {
        if (!file.equals("-")) {
            Path path = Path.of(file).toAbsolutePath();
            try (InputStream in = Files.newInputStream(path)) {
                return firstLine(in, path.toString());
            } catch (NoSuchFileException e) {
                throw new NoSuchFileException(path + ": there is no such file on the machine of the node");
            }
        }
        return firstLine(input, "the standard input");
    }

    private static String firstLine(InputStream in, String from) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b; (b = in.read()) >= 0 && b != '\n' && b != '\r'; ) {
            if (line.size() == MAX_LINE) {
                throw new IOException("The first line of %s is longer than %d bytes".formatted(from, MAX_LINE));
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8).strip();
    }
}
