package network.mycelium.shell.provider;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import network.mycelium.node.command.TerminalText;

/// What must not stand in logs, records, histories and tables: tickets, private keys, passwords in addresses, and the
/// values of settings and options whose names say that they are secret (`password=`, `--token`, and settings that are
/// private, which by the Metatype convention begin with a dot).
public final class Secrets {
    private static final String NAME = "(?:pass(?:word|wd|phrase)?|pwd|secret|token|ticket|credentials?|recovery"
            + "|(?:private|api|access|signing)[-_.]?key)";
    private static final String KEY = "(?:--?)?(?:\\.[\\w.-]+|[\\w.-]*" + NAME + "[\\w.-]*)=";

    private static final Pattern TICKET = Pattern.compile("mycelium(\\d+)-[A-Za-z0-9_-]+");
    private static final Pattern PEM =
            Pattern.compile("(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)");
    private static final Pattern USER_INFO = Pattern.compile("(://[^/\\s:@'\"]*):[^/\\s@'\"]+@");
    private static final Pattern PARAMETER = Pattern.compile("(?i)([?&;][\\w.-]*" + NAME + "[\\w.-]*=)[^&;\\s'\"]+");
    private static final Pattern QUOTED = Pattern.compile("(?i)(['\"])(" + KEY + ")(?!\\1)(?:(?!\\1).)+");
    private static final Pattern QUOTED_VALUE = Pattern.compile("(?i)((?<![\\w.-])" + KEY + ")(['\"])(?:(?!\\2).)+");
    private static final Pattern SETTING = Pattern.compile("(?i)((?<![\\w.?&;-])" + KEY + ")[^\\s'\"]+");
    /// `--token-file` names a file, which is no secret.
    private static final Pattern OPTION = Pattern.compile(
            "(?i)((?<!\\S)['\"]?--[\\w-]*" + NAME + "(?![\\w-]*file)[\\w-]*['\"]?\\s+)('[^']*'|\"[^\"]*\"|[^\\s'\"]+)");
    /// A word that is one setting, whatever its value is.
    private static final Pattern WHOLE = Pattern.compile("(?is)(" + KEY + ").+");

    private Secrets() {}

    /// Whether a setting is secret by its name.
    static boolean isSecret(String name) {
        return WHOLE.matcher(name + "=?").matches();
    }

    /// @param text a command line, or the value of a setting
    static String hide(String text) {
        String hidden = TICKET.matcher(text).replaceAll("mycelium$1-...");
        hidden = PEM.matcher(hidden).replaceAll("(private key)");
        hidden = USER_INFO.matcher(hidden).replaceAll("$1:...@");
        hidden = PARAMETER.matcher(hidden).replaceAll("$1...");
        hidden = QUOTED.matcher(hidden).replaceAll("$1$2...");
        hidden = QUOTED_VALUE.matcher(hidden).replaceAll("$1$2...");
        hidden = SETTING.matcher(hidden).replaceAll("$1...");
        return OPTION.matcher(hidden).replaceAll("$1...");
    }

    /// The words of a command as one line for people.
    public static String hide(List<String> words) {
        return hide(words.stream().map(Secrets::quoted).collect(Collectors.joining(" ")));
    }

    private static String quoted(String word) {
        Matcher setting = WHOLE.matcher(word);
        String whole = setting.matches() ? setting.group(1) + "..." : word;
        if (!whole.isEmpty() && whole.chars().noneMatch(c -> Character.isWhitespace(c) || c == '\'' || c == '"')) {
            return TerminalText.line(whole);
        }
        // The quotes of a command within a command are the other ones.
        return TerminalText.line(whole.contains("'") ? '"' + whole.replace('"', '\'') + '"' : "'" + whole + "'");
    }
}
