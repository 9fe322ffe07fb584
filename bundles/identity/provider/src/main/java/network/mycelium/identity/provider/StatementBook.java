package network.mycelium.identity.provider;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;

/// What holds in a network, and who may say what. Plain data: one thread at a time.
///
/// Founders may say everything that one signature is enough for. Members with full access whom a founder appointed
/// are operators; one of them admits and revokes other members, and as many as the genesis asks for direct the network.
final class StatementBook {
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

    private Instant forgotten = Instant.EPOCH;

    StatementBook(Network network, InstantSource clock) {
        this.network = network;
        this.clock = clock;
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
        String why = wrong(offered.statement());
        if (why != null) {
            return new Outcome.Refused(why);
        }
        SignedStatement whole = withEarlierSignatures(offered);
        int enough = needed(whole.statement().kind());
        long signed = whole.statement().signers().stream()
                .filter(signer -> mayDirect(signer, whole.statement()))
                .count();
        if (signed == 0) {
            return new Outcome.Refused(
                    "%s may not say that".formatted(whole.statement().signers().getFirst()));
        }
        if (signed < enough) {
            return propose(whole);
        }
        forgetExpired(now);
        if (known == null && holding.size() >= MAX_STATEMENTS) {
            return new Outcome.Refused("there are %d statements already".formatted(MAX_STATEMENTS));
        }
        holding.put(whole.id(), whole);
        proposals.remove(whole.id());
        return new Outcome.Accepted();
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

    private static String wrong(Statement statement) {
        if (!statement.kind().equals(MemberCodec.KIND)) {
            return null;
        }
        try {
            MemberCodec.member(statement);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    /// How many operators must sign a statement of this kind.
    private int needed(String kind) {
        return kind.equals(MemberCodec.KIND) ? 1 : network.threshold();
    }

    private boolean mayDirect(PeerId signer, Statement what) {
        if (network.founders().contains(signer)) {
            return true;
        }
        if (what.kind().equals(MemberCodec.KIND)
                && MemberCodec.terms(what.body()).access() == Member.Access.FULL) {
            // Operators are appointed by founders alone, or one stolen operator's key would make many.
            return false;
        }
        return isOperator(signer, what.issued());
    }

    /// Whether a member may direct the network, as far as is known, at a time.
    boolean isOperator(PeerId peer, Instant when) {
        if (network.founders().contains(peer)) {
            return true;
        }
        SignedStatement certificate = holding.get(SignedStatement.id(MemberCodec.KIND, peer.toString()));
        if (certificate == null || certificate.statement().signers().stream().noneMatch(network.founders()::contains)) {
            return false;
        }
        Member member = MemberCodec.member(certificate.statement());
        return member.access() == Member.Access.FULL
                && (!member.revoked() || when.isBefore(member.issued()))
                && member.expires().isAfter(when);
    }

    Optional<Member> member(PeerId peer) {
        return find(MemberCodec.KIND, peer.toString()).map(s -> MemberCodec.member(s.statement()));
    }

    /// Whether a peer belongs to the network now.
    boolean isMember(PeerId peer) {
        return member(peer)
                .filter(m -> !m.revoked() && m.expires().isAfter(clock.instant().minus(CLOCK_TOLERANCE)))
                .isPresent();
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
        return Math.max(held, proposed) + 1;
    }

    /// Memberships first, for they say who may say the rest; those signed by founders before all.
    List<SignedStatement> holding() {
        List<SignedStatement> all = new ArrayList<>(holding.values());
        all.sort(java.util.Comparator.comparingInt(this::rank));
        return all;
    }

    private int rank(SignedStatement statement) {
        if (!statement.statement().kind().equals(MemberCodec.KIND)) {
            return 2;
        }
        return statement.statement().signers().stream().anyMatch(network.founders()::contains) ? 0 : 1;
    }

    List<SignedStatement> proposals() {
        return List.copyOf(proposals.values());
    }
}
