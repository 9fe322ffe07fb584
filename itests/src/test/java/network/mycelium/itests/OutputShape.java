package network.mycelium.itests;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What output has in common whenever and wherever a command runs: its words, without the numbers, times, keys and
/// names that differ. In what is expected `...` stands for the rest of a line, or alone for any number of lines.
final class OutputShape {
    private static final Map<Pattern, String> VARIES = new LinkedHashMap<>();

    static {
        VARIES.put(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z"), "TIME");
        VARIES.put(Pattern.compile("12D3Koo\\w+"), "PEER");
        VARIES.put(Pattern.compile("ed25519:[\\w-]+"), "KEY");
        VARIES.put(Pattern.compile("mycelium\\d+-[\\w-]+"), "TICKET");
        VARIES.put(Pattern.compile("\\b(?=\\w*\\d)[0-9a-f]{8,}\\b"), "HASH");
        VARIES.put(Pattern.compile("node-\\w{6}\\b"), "NODE");
        VARIES.put(Pattern.compile("\\d[\\d.]*\\d|\\d"), "N");
        VARIES.put(Pattern.compile("\\s+"), " ");
    }

    private OutputShape() {}

    static boolean fits(List<String> expected, List<String> actual) {
        return fits(masked(expected), 0, masked(actual), 0);
    }

    private static List<String> masked(List<String> lines) {
        List<String> masked = new ArrayList<>();
        for (String line : lines) {
            String text = line;
            for (Map.Entry<Pattern, String> one : VARIES.entrySet()) {
                text = one.getKey().matcher(text).replaceAll(one.getValue());
            }
            masked.add(text.strip());
        }
        return masked;
    }

    private static boolean fits(List<String> expected, int e, List<String> actual, int a) {
        if (e == expected.size()) {
            return a == actual.size();
        }
        if (expected.get(e).equals("...")) {
            return fits(expected, e + 1, actual, a) || a < actual.size() && fits(expected, e, actual, a + 1);
        }
        return a < actual.size()
                && line(expected.get(e)).matcher(actual.get(a)).matches()
                && fits(expected, e + 1, actual, a + 1);
    }

    private static Pattern line(String expected) {
        List<String> parts = new ArrayList<>();
        for (String part : expected.split(Pattern.quote("..."), -1)) {
            parts.add(Pattern.quote(part));
        }
        return Pattern.compile(String.join(".*", parts));
    }
}
