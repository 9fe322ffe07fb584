package network.mycelium.shell.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the usage of a command says of its words, such as `load|unload NAME[@VERSIONS] [--force] | --file FILE`: in
/// capitals the kind of a word, in small letters the word itself; ` | ` divides ways to write the command.
///
/// @param options by name, in order; with the kind of its value, or empty for one without
/// @param ways for each way what stands where
record Usage(Map<String, String> options, List<List<Place>> ways) {
    private static final Pattern LITERAL = Pattern.compile("[a-z][a-z0-9-]*(?:\\|[a-z][a-z0-9-]*)*");
    private static final Pattern KIND = Pattern.compile("'?([A-Z]+).*");

    /// A place for a word, or for any number from there on.
    ///
    /// @param words the words that may stand there; empty if there is a kind
    private record Place(Set<String> words, String kind, boolean repeated) {
        boolean takes(String word) {
            return words.isEmpty() || words.contains(word);
        }
    }

    static Usage parse(String usage) {
        Map<String, String> options = new LinkedHashMap<>();
        List<List<Place>> ways = new ArrayList<>();
        List<Place> way = new ArrayList<>();
        ways.add(way);
        // What stands after a semicolon is for people.
        String option = "";
        for (String token : usage.split(";", 2)[0].strip().split("\\s+")) {
            if (token.equals("|")) {
                way = new ArrayList<>();
                ways.add(way);
                option = "";
                continue;
            }
            String word = token.replaceAll("^\\[+|]+$", "");
            if (word.startsWith("--")) {
                options.put(word, "");
                option = token.endsWith("]") ? "" : word;
            } else if (!option.isEmpty() && !token.startsWith("[")) {
                options.put(option, kind(word));
                option = "";
            } else if (!word.isEmpty()) {
                option = "";
                way.add(place(word));
            }
        }
        return new Usage(options, ways);
    }

    private static Place place(String word) {
        boolean repeated = word.contains("...");
        return LITERAL.matcher(word).matches()
                ? new Place(Set.of(word.split("\\|")), "", repeated)
                : new Place(Set.of(), kind(word), repeated);
    }

    private static String kind(String word) {
        Matcher kind = KIND.matcher(word);
        return kind.matches() ? kind.group(1) : "";
    }

    /// What may stand after some words.
    ///
    /// @param words words that may stand there
    /// @param kinds kinds of which a word may be that stands there
    record Next(Set<String> words, Set<String> kinds) {}

    /// @param before the words before, without options and their values
    Next next(List<String> before) {
        Set<String> words = new LinkedHashSet<>();
        Set<String> kinds = new LinkedHashSet<>();
        for (List<Place> way : ways) {
            Place place = place(way, before);
            if (place != null) {
                words.addAll(place.words());
                if (!place.kind().isEmpty()) {
                    kinds.add(place.kind());
                }
            }
        }
        return new Next(words, kinds);
    }

    /// @return null if this way does not go on after these words
    private static Place place(List<Place> way, List<String> before) {
        for (int i = 0; i < before.size(); i++) {
            Place place = at(way, i);
            if (place == null || !place.takes(before.get(i))) {
                return null;
            }
        }
        return at(way, before.size());
    }

    private static Place at(List<Place> way, int i) {
        if (i < way.size()) {
            return way.get(i);
        }
        return !way.isEmpty() && way.getLast().repeated() ? way.getLast() : null;
    }
}
