package network.mycelium.shell.ssh;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import network.mycelium.node.command.Access;

/// What stands before a key in `authorized_keys` (sshd(8), AUTHORIZED_KEYS FILE FORMAT), and `access="LEVEL"`, which
/// is this product's own. An option that is not known may be a restriction, so a key with one is refused.
///
/// @param command the one command that the key may give, whatever is asked for
/// @param from the addresses that it may come from
/// @param terminal whether it may open an interactive session
/// @param expires when it ceases to be accepted
record KeyOptions(
        Access access, Optional<String> command, Optional<AddressPatterns> from, boolean terminal, Instant expires) {
    /// Of things that nobody gets here anyway.
    private static final List<String> WITHOUT_EFFECT = List.of(
            "agent-forwarding",
            "no-agent-forwarding",
            "port-forwarding",
            "no-port-forwarding",
            "x11-forwarding",
            "no-x11-forwarding",
            "user-rc",
            "no-user-rc");

    /// @param text as it stands in the file, maybe empty
    /// @throws IllegalArgumentException if it is not understood, saying what
    static KeyOptions parse(String text, ZoneId zone) {
        Map<String, String> options = new HashMap<>();
        for (String option : KeyLine.split(text, ',')) {
            int equals = option.indexOf('=');
            String name = (equals < 0 ? option : option.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (options.put(name, equals < 0 ? "" : KeyLine.unquote(option.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("it has the option " + name + " twice");
            }
        }
        Access access = Access.FULL;
        Optional<String> command = Optional.empty();
        Optional<AddressPatterns> from = Optional.empty();
        Instant expires = Instant.MAX;
        for (Map.Entry<String, String> option : options.entrySet()) {
            switch (option.getKey()) {
                case "access" -> access = access(option.getValue());
                case "command" -> command = Optional.of(needed("command", option.getValue()));
                case "from" -> from = Optional.of(AddressPatterns.parse(needed("from", option.getValue())));
                case "expiry-time" -> expires = time(option.getValue(), zone);
                case "restrict", "pty", "no-pty" -> {}
                default -> {
                    if (!WITHOUT_EFFECT.contains(option.getKey())) {
                        throw new IllegalArgumentException(
                                "the option %s is not known here".formatted(option.getKey()));
                    }
                }
            }
        }
        boolean terminal =
                !options.containsKey("no-pty") && (!options.containsKey("restrict") || options.containsKey("pty"));
        return new KeyOptions(access, command, from, terminal, expires);
    }

    private static String needed(String option, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("the option " + option + " needs a value");
        }
        return value;
    }

    private static Access access(String level) {
        try {
            return Access.valueOf(level.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "there is no access level %s; there are: full, standard, limited, read-only, restricted"
                            .formatted(level),
                    e);
        }
    }

    /// `YYYYMMDD[HHMM[SS]]`, in the machine's time, or UTC with a `Z` at the end.
    private static Instant time(String text, ZoneId zone) {
        boolean utc = text.endsWith("Z") || text.endsWith("z");
        String digits = utc ? text.substring(0, text.length() - 1) : text;
        String whole = switch (digits.length()) {
            case 8 -> digits + "000000";
            case 12 -> digits + "00";
            default -> digits;
        };
        try {
            return LocalDateTime.parse(whole, DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT))
                    .atZone(utc ? ZoneOffset.UTC : zone)
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "expiry-time is YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, not " + text, e);
        }
    }
}
