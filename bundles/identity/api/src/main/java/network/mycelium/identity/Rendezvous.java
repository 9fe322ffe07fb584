package network.mycelium.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Which members take care of something, by rendezvous hashing (Thaler and Ravishankar, 1998): every node comes to the
/// same answer by itself, and when a member comes or goes only its own share moves.
public final class Rendezvous {
    private Rendezvous() {}

    /// @param what is taken care of
    /// @param members ids, in any order
    /// @return all of them, in the order in which they are chosen
    public static List<String> order(String what, Collection<String> members) {
        record Weighed(String member, long weight) {}
        return members.stream()
                .map(member -> new Weighed(member, weight(what, member)))
                .sorted(Comparator.comparingLong(Weighed::weight).reversed().thenComparing(Weighed::member))
                .map(Weighed::member)
                .toList();
    }

    private static long weight(String what, String member) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((what + "\n" + member).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
