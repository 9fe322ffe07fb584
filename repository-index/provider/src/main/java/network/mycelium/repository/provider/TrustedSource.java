package network.mycelium.repository.provider;

import java.net.URI;
import java.util.Optional;

/// An index that this node trusts, and the newest of it that was ever seen.
///
/// @param sequence the highest sequence number accepted, -1 before the first
/// @param sha256 digest of the index with that number; two contents under one number are an attack
record TrustedSource(URI location, Optional<String> publisher, long sequence, String sha256) {
    private static final String UNSIGNED = "unsigned";
    private static final String NONE = "-";

    TrustedSource seen(long newSequence, String newSha256) {
        return new TrustedSource(location, publisher, newSequence, newSha256);
    }

    String line() {
        return publisher.orElse(UNSIGNED) + " " + sequence + " " + (sha256.isEmpty() ? NONE : sha256) + " " + location;
    }

    static TrustedSource parse(String line) {
        String[] part = line.split(" ", 4);
        return new TrustedSource(
                URI.create(part[3]),
                part[0].equals(UNSIGNED) ? Optional.empty() : Optional.of(part[0]),
                Long.parseLong(part[1]),
                part[2].equals(NONE) ? "" : part[2]);
    }
}
