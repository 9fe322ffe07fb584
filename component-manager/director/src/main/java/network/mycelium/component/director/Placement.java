package network.mycelium.component.director;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import network.mycelium.component.Directive;

/// Which members run a component of which there is a number, by rendezvous hashing (Thaler and Ravishankar, 1998):
/// every
/// node comes to the same answer by itself, and when a member comes or goes only its own share moves.
final class Placement {
    private Placement() {}

    /// @param members ids of the members that live and are selected
    /// @return in the order of preference
    static List<String> of(Directive directive, Collection<String> members) {
        List<String> ranked = members.stream()
                .sorted(Comparator.comparingLong((String member) -> weight(directive.component(), member))
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        return directive.count() == Directive.ALL
                ? ranked
                : ranked.subList(0, Math.min(directive.count(), ranked.size()));
    }

    private static long weight(String component, String member) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((component + "\n" + member).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
