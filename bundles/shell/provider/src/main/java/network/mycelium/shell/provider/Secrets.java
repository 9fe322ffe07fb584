package network.mycelium.shell.provider;

import java.util.regex.Pattern;

/// What must not stand in logs, records and tables: tickets, passwords in addresses, and settings that are private (by
/// the Metatype convention their names begin with a dot).
final class Secrets {
    private static final Pattern TICKET = Pattern.compile("mycelium1-[A-Za-z0-9_-]+");
    private static final Pattern USER_INFO = Pattern.compile("(://[^/\\s:@'\"]*):[^/\\s@'\"]+@");
    private static final Pattern PARAMETER =
            Pattern.compile("(?i)([?&;](?:password|passwd|pwd|secret|token)=)[^&;\\s'\"]+");
    private static final Pattern QUOTED_SETTING = Pattern.compile("(['\"]\\.[A-Za-z0-9_.-]+=)[^'\"]+");
    private static final Pattern SETTING = Pattern.compile("(\\s\\.[A-Za-z0-9_.-]+=)[^\\s'\"]+");

    private Secrets() {}

    /// @param text a command line, or the value of a setting
    static String hide(String text) {
        String hidden = TICKET.matcher(text).replaceAll("mycelium1-...");
        hidden = USER_INFO.matcher(hidden).replaceAll("$1:...@");
        hidden = PARAMETER.matcher(hidden).replaceAll("$1...");
        hidden = QUOTED_SETTING.matcher(hidden).replaceAll("$1...");
        return SETTING.matcher(hidden).replaceAll("$1...");
    }
}
