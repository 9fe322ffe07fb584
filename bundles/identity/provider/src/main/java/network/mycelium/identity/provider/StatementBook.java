package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.Network;
import network.mycelium.identity.StatementAuthority;

/// What holds in a network. Plain data: one thread at a time.
final class StatementBook {
    private static final Logger LOG = System.getLogger(StatementBook.class.getName());
    private static final int MAX_STATEMENTS = 20_000;
    private static final int MAX_PROPOSALS = 256;
    /// Kinds of which each has a key of its own.
    private static final Set<String> SAID_ONCE = Set.of("order");
    /// How often all are looked through for those that expired.
    private static final Duration FORGET = Duration.ofMinutes(1);
    /// How wrong another node's clock may be.
    static final Duration CLOCK_TOLERANCE = Duration.ofHours(2);

    /// What became of a statement that was offered.
    sealed interface Outcome {
        /// It holds now.
        record Accepted() implements Outcome {}

        /// It is signed, but not by enough.
        record Proposed() implements Outcome {}

        /// It, or something newer, was known.
        record Known() implements Outcome {}

        record Refused(String why) implements Outcome {}
    }

    private final Network network;
    private final InstantSource clock;
    private final Map<String, SignedStatement> holding = new TreeMap<>();
    private final Map<String, SignedStatement> proposals = new TreeMap<>();
    private final Members members;
    private final Authority authority;

    private Instant forgotten = Instant.EPOCH;

    /// @param others who besides founders and operators may make a statement hold; they may come and go
    StatementBook(Network network, InstantSource clock, Collection<StatementAuthority> others) {
        this.network = network;
        this.clock = clock;
        this.members = new Members(network, clock, holding);
        this.authority = new Authority(network, members, others);
    }

    Members members() {
        return members;
    }

    Outcome offer(SignedStatement offered) {
        if (!offered.network().equals(network.id())) {
            return new Outcome.Refused("it is of another network");
        }
        SignedStatement known = holding.get(offered.id());
        if (known != null && !offered.replaces(known)) {
            return new Outcome.Known();
        }
        Instant now = clock.instant();
        if (offered.statement().issued().isAfter(now.plus(CLOCK_TOLERANCE))) {
            return new Outcome.Refused(
                    "it was made in the future, at " + offered.statement().issued());
        }
        if (offered.statement().expires().isBefore(now.minus(CLOCK_TOLERANCE))) {
            return new Outcome.Refused("it expired at " + offered.statement().expires());
        }
        Optional<String> objection = authority.objection(offered.statement());
        if (objection.isPresent()) {
            return new Outcome.Refused(objection.get());
        }
        SignedStatement whole = withEarlierSignatures(offered);
        if (!authority.isEnough(whole.statement())) {
            return authority.signatures(whole.statement()) > 0
                    ? propose(whole)
                    : new Outcome.Refused("%s may not say that"
                            .formatted(whole.statement().signers().getFirst()));
        }
        forgetExpired(now);
        if (known == null && holding.size() >= MAX_STATEMENTS) {
            return new Outcome.Refused("there are %d statements already".formatted(MAX_STATEMENTS));
        }
        holding.put(whole.id(), whole);
        proposals.remove(whole.id());
        if (whole.statement().kind().equals(RotationCodec.KIND)) {
            rotate(RotationCodec.rotation(whole.statement()), whole.statement().issued());
        }
        return new Outcome.Accepted();
    }

    private void rotate(RotationCodec.Rotation rotation, Instant since) {
        boolean corrected = members.keys().isReplaced(rotation.old());
        members.keys().follow(rotation.old(), rotation.next(), since);
        // What a thief said by the key that he made the successor goes, so that all nodes hold the same: those that
        // hear of him only now never took it.
        while (corrected && holding.values().removeIf(held -> !authority.isEnough(held.statement()))) {
            LOG.log(Level.WARNING, "what was said by the key after {0} is dropped", rotation.old());
        }
    }

    /// Only where no older statement about the same could take its place.
    private void forgetExpired(Instant now) {
        if (now.isBefore(forgotten.plus(FORGET))) {
            return;
        }
        forgotten = now;
        holding.values()
                .removeIf(held -> SAID_ONCE.contains(held.statement().kind())
                        && held.statement().expires().isBefore(now.minus(CLOCK_TOLERANCE)));
        proposals.values().removeIf(p -> p.statement().expires().isBefore(now.minus(CLOCK_TOLERANCE)));
    }

    private Outcome propose(SignedStatement offered) {
        SignedStatement earlier = proposals.get(offered.id());
        if (earlier != null
                && earlier.hash().equals(offered.hash())
                && earlier.envelopes().keySet().containsAll(offered.envelopes().keySet())) {
            return new Outcome.Known();
        }
        if (earlier != null && !earlier.hash().equals(offered.hash()) && !offered.replaces(earlier)) {
            return new Outcome.Known();
        }
        if (earlier == null && proposals.size() >= MAX_PROPOSALS) {
            return new Outcome.Refused("%d proposals wait already".formatted(MAX_PROPOSALS));
        }
        proposals.put(offered.id(), offered);
        return new Outcome.Proposed();
    }

    private SignedStatement withEarlierSignatures(SignedStatement offered) {
        SignedStatement earlier = proposals.get(offered.id());
        return earlier != null && earlier.hash().equals(offered.hash()) ? offered.merged(earlier.envelopes()) : offered;
    }

    Optional<SignedStatement> find(String kind, String key) {
        return Optional.ofNullable(holding.get(SignedStatement.id(kind, key)));
    }

    Optional<SignedStatement> proposal(String kind, String key) {
        return Optional.ofNullable(proposals.get(SignedStatement.id(kind, key)));
    }

    /// The sequence for the next statement about something.
    long next(String kind, String key) {
        long held = find(kind, key).map(s -> s.statement().sequence()).orElse(0L);
        long proposed = proposal(kind, key).map(s -> s.statement().sequence()).orElse(0L);
        // The first sequence of a rotation is the member's own.
        long least = kind.equals(RotationCodec.KIND) ? RotationCodec.OWN : 0;
        return Math.max(least, Math.max(held, proposed)) + 1;
    }

    /// Memberships first, for they say who may say the rest; those signed by founders before all. One that rests on
    /// another of its rank may still come before it.
    List<SignedStatement> holding() {
        List<SignedStatement> all = new ArrayList<>(holding.values());
        all.sort(java.util.Comparator.comparingInt(this::rank));
        return all;
    }

    private int rank(SignedStatement statement) {
        return switch (statement.statement().kind()) {
            case MemberCodec.KIND -> statement.statement().signers().stream().anyMatch(members::isFounder) ? 0 : 2;
            case RotationCodec.KIND -> 1;
            default -> 3;
        };
    }

    List<SignedStatement> proposals() {
        return List.copyOf(proposals.values());
    }
}
