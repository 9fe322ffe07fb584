package network.mycelium.identity.provider;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import network.mycelium.identity.Member;
import network.mycelium.libp2p.PeerId;

/// What members may be called: a name is shown on terminals and stands for the member in commands, so it is printable,
/// short, no peer id, and nobody else's.
final class MemberNames {
    static final int MAX = 64;
    private static final int TAIL = 8;
    /// Between a name that two have and the end of a peer id.
    private static final char SEPARATOR = '~';

    private MemberNames() {}

    /// Why nobody may be called that.
    static Optional<String> objection(String name) {
        if (name.isBlank() || name.length() > MAX) {
            return Optional.of("A member's name has 1 to %d characters".formatted(MAX));
        }
        if (!name.equals(name.strip()) || !isPrintable(name)) {
            return Optional.of("A member's name is made of printable characters, with no space at its ends");
        }
        if (name.indexOf(SEPARATOR) >= 0) {
            return Optional.of("A member's name has no %s".formatted(SEPARATOR));
        }
        return isPeerId(name) ? Optional.of("A member's name is no peer id") : Optional.empty();
    }

    /// Whether it has letters, digits, signs and plain spaces alone: no control characters, no marks that turn the
    /// direction of the text, no line ends.
    static boolean isPrintable(String text) {
        return text.codePoints().allMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        });
    }

    private static boolean isPeerId(String name) {
        try {
            PeerId.parse(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Whether it is another member's.
    static boolean isTaken(String name, PeerId own, List<Member> members) {
        return members.stream()
                .anyMatch(m -> !m.revoked()
                        && m.keys().noneMatch(own::equals)
                        && m.name().equalsIgnoreCase(name));
    }

    /// Two operators may have admitted two members by one name at once: the one with the lower peer id keeps it, the
    /// other one's gets the end of its peer id.
    static List<Member> distinct(List<Member> members) {
        Set<String> all = members.stream()
                .map(m -> m.name().toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.toSet());
        if (all.size() == members.size()) {
            return members;
        }
        Set<String> taken = new HashSet<>();
        return members.stream()
                // Who is gone makes room.
                .sorted(Comparator.comparing(Member::revoked).thenComparing(Member::peer))
                .map(m -> taken.add(m.name().toLowerCase(java.util.Locale.ROOT)) ? m : renamed(m))
                .toList();
    }

    private static Member renamed(Member m) {
        String id = m.peer().toString();
        return new Member(
                m.peer(),
                m.name() + SEPARATOR + id.substring(id.length() - TAIL),
                m.access(),
                m.roles(),
                m.labels(),
                m.issuer(),
                m.issued(),
                m.expires(),
                m.revoked(),
                m.formerKeys());
    }
}
