package network.mycelium.repository.provider;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An index that this node trusts, and the newest of it that was ever seen.
///
/// @param sequence the highest sequence number accepted, -1 before the first
/// @param sha256 digest of the document with that number; two contents under one number are an attack
record TrustedSource(URI location, Optional<String> publisher, long sequence, String sha256) {
    private static final String UNSIGNED = "unsigned";
    private static final String NONE = "-";
    private static final Pattern LINE =
            Pattern.compile("(unsigned|ed25519:\\S+) (-1|[0-9]{1,18}) (-|[0-9a-f]{64}) (\\S+)");

    TrustedSource seen(long newSequence, String newSha256) {
        return new TrustedSource(location, publisher, newSequence, newSha256);
    }

    boolean isFile() {
        return location.getScheme().equals("file");
    }

    String line() {
        return publisher.orElse(UNSIGNED) + " " + sequence + " " + (sha256.isEmpty() ? NONE : sha256) + " " + location;
    }

    /// @throws IllegalArgumentException saying what is wrong with the line
    static TrustedSource parse(String line) {
        Matcher part = LINE.matcher(line);
        if (!part.matches()) {
            throw new IllegalArgumentException("it is not `PUBLISHER SEQUENCE SHA-256 LOCATION`");
        }
        URI location = URI.create(part.group(4));
        if (!location.isAbsolute() || !location.toString().endsWith("/")) {
            throw new IllegalArgumentException(location + " is no address of a folder");
        }
        return new TrustedSource(
                location,
                part.group(1).equals(UNSIGNED) ? Optional.empty() : Optional.of(part.group(1)),
                Long.parseLong(part.group(2)),
                part.group(3).equals(NONE) ? "" : part.group(3));
    }
}
