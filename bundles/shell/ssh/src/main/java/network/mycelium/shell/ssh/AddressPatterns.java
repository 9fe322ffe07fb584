package network.mycelium.shell.ssh;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// The value of `from="..."`: addresses, networks such as `192.0.2.0/24` and patterns with `*` and `?`, divided by
/// commas; `!` before one refuses what it matches. Names of hosts are never looked up, so no name matches.
final class AddressPatterns {
    private final List<String> patterns;

    private AddressPatterns(List<String> patterns) {
        this.patterns = patterns;
    }

    /// @throws IllegalArgumentException if one is not written so
    static AddressPatterns parse(String text) {
        List<String> patterns = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(p -> !p.isEmpty())
                .toList();
        for (String pattern : patterns) {
            String plain = pattern.startsWith("!") ? pattern.substring(1) : pattern;
            if (plain.contains("/")) {
                matchesNetwork(plain, InetAddress.getLoopbackAddress());
            }
        }
        return new AddressPatterns(patterns);
    }

    boolean match(InetAddress address) {
        boolean found = false;
        for (String pattern : patterns) {
            boolean refuses = pattern.startsWith("!");
            if (matches(refuses ? pattern.substring(1) : pattern, address)) {
                if (refuses) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    private static boolean matches(String pattern, InetAddress address) {
        if (pattern.contains("/")) {
            return matchesNetwork(pattern, address);
        }
        if (pattern.contains(":") && !pattern.contains("*") && !pattern.contains("?")) {
            return InetAddress.ofLiteral(pattern).equals(address);
        }
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return address.getHostAddress().matches(regex);
    }

    private static boolean matchesNetwork(String pattern, InetAddress address) {
        String[] parts = pattern.split("/", 2);
        byte[] network = InetAddress.ofLiteral(parts[0]).getAddress();
        int bits = bits(parts[1], network.length);
        byte[] own = address.getAddress();
        if (own.length != network.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            if (((own[i / 8] ^ network[i / 8]) >> (7 - i % 8) & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int bits(String text, int bytes) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > 8 * bytes) {
            throw new IllegalArgumentException(
                    "a network in from= ends in /0 to /%d, not /%s".formatted(8 * bytes, text));
        }
        return Integer.parseInt(text);
    }
}
