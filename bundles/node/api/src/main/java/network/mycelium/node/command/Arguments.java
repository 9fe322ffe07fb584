package network.mycelium.node.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The words after a command: options that begin with `--`, and the rest.
public final class Arguments {
    private static final int MAX_LINE = 64 << 10;

    private final List<String> words = new ArrayList<>();
    private final Map<String, String> options = new HashMap<>();
    private final InputStream input;

    private Arguments(InputStream input) {
        this.input = input;
    }

    /// @param flags options without a value
    /// @param valued options that take the next word
    /// @param input what the command may read
    /// @throws UsageException if they are not what the command takes
    public static Arguments parse(
            Object[] given, int least, int most, Set<String> flags, Set<String> valued, InputStream input) {
        var arguments = new Arguments(input);
        for (int i = 0; i < given.length; i++) {
            String word = String.valueOf(given[i]);
            if (!word.startsWith("--")) {
                arguments.words.add(word);
            } else if (flags.contains(word)) {
                arguments.options.put(word, "");
            } else if (valued.contains(word)) {
                if (++i == given.length) {
                    throw new UsageException(word + " needs a value.");
                }
                arguments.options.put(word, String.valueOf(given[i]));
            } else {
                throw new UsageException("Unknown option " + word + ".");
            }
        }
        if (arguments.words.size() < least || arguments.words.size() > most) {
            throw new UsageException(arguments.words.size() < least ? "Something is missing." : "Too many words.");
        }
        return arguments;
    }

    public boolean has(String option) {
        return options.containsKey(option);
    }

    public String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    /// @throws UsageException if it is none
    public int number(String name, int otherwise) {
        try {
            return has(name) ? Integer.parseInt(options.get(name)) : otherwise;
        } catch (NumberFormatException e) {
            throw new UsageException(name + " needs a whole number, not " + options.get(name) + ".", e);
        }
    }

    public String word(int i, String otherwise) {
        return i < words.size() ? words.get(i) : otherwise;
    }

    /// @throws UsageException if there are not so many
    public String word(int i) {
        if (i >= words.size()) {
            throw new UsageException("Something is missing.");
        }
        return words.get(i);
    }

    /// A word that is written in a certain way.
    ///
    /// @param parser throws an `IllegalArgumentException` which says how, if it is not
    /// @throws UsageException with what it said
    public <T> T word(int i, Function<String, T> parser) {
        try {
            return parser.apply(word(i));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    public List<String> words() {
        return words;
    }

    /// What stands in a file of this machine, or comes by standard input if it is called `-`: the first line of it. So
    /// nobody sees a secret in the list of processes.
    public String firstLineOf(String file) throws IOException {
        if (!file.equals("-")) {
            Path path = Path.of(file).toAbsolutePath();
            try (InputStream in = Files.newInputStream(path)) {
                return firstLine(in, path.toString());
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
