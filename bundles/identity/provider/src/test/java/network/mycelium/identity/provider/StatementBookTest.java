package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.StatementAuthority;
import network.mycelium.identity.provider.StatementBook.Outcome;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.NodeEnvelopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementBookTest {
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");
    private static final Instant LATER = NOW.plus(Duration.ofDays(30));

    private final Envelopes founder = envelopes(1);
    private final Envelopes one = envelopes(2);
    private final Envelopes two = envelopes(3);
    private final Envelopes stranger = envelopes(4);
    private final Genesis genesis = Genesis.make("test", NOW, founder.self(), 2);
    private final List<StatementAuthority> others = new ArrayList<>();
    private final StatementBook book = new StatementBook(genesis.network(), () -> NOW, others);

    private static Envelopes envelopes(int number) {
        return new NodeEnvelopes(new NodeKey(
                ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(number).array()));
    }

    private SignedStatement directive(Envelopes by, long sequence, String body) {
        return SignedStatement.sign(
                by, genesis.network().id(), "directive", "greeter", sequence, NOW, LATER, body.getBytes(UTF_8));
    }

    private Outcome appoint(Envelopes by, Envelopes who, Access access, boolean revoked) {
        var terms = new MemberCodec.Terms("somebody", access, List.of(), Map.of(), revoked);
        return book.offer(SignedStatement.sign(
                by,
                genesis.network().id(),
                MemberCodec.KIND,
                who.self().toString(),
                book.next(MemberCodec.KIND, who.self().toString()),
                NOW,
                LATER,
                MemberCodec.body(terms)));
    }

    private static void assertRefused(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void a_directive_holds_when_as_many_operators_signed_it_as_the_genesis_asks() {
        appoint(founder, one, Access.FULL, false);
        SignedStatement proposal = directive(one, 1, "a");

        assertThat(book.offer(proposal)).isEqualTo(new Outcome.Proposed());
        assertThat(book.find("directive", "greeter")).isEmpty();
        assertThat(book.offer(proposal)).isEqualTo(new Outcome.Known());

        assertThat(book.offer(proposal.approvedBy(founder))).isEqualTo(new Outcome.Accepted());
        assertThat(book.find("directive", "greeter").orElseThrow().statement().signers())
                .containsExactlyInAnyOrder(one.self(), founder.self());
        assertThat(book.proposals()).isEmpty();
    }

    @Test
    void signatures_that_were_collected_apart_count_together() {
        appoint(founder, one, Access.FULL, false);
        SignedStatement plain = directive(one, 1, "a");
        SignedStatement other =
                SignedStatement.parse(founder, plain.approvedBy(founder).toBytes());
        book.offer(plain);

        SignedStatement founderAlone = new SignedStatement(
                other.network(),
                other.statement(),
                other.payload(),
                Map.of(founder.self(), other.envelopes().get(founder.self())));
        assertThat(book.offer(SignedStatement.parse(founder, founderAlone.toBytes())))
                .isEqualTo(new Outcome.Accepted());
    }

    @Test
    void strangers_and_members_without_full_access_say_nothing() {
        appoint(founder, one, Access.STANDARD, false);
        assertRefused(book.offer(directive(stranger, 1, "a")));
        assertRefused(book.offer(directive(one, 1, "a")));
        assertRefused(book.offer(directive(stranger, 1, "a").approvedBy(one)));
    }

    @Test
    void operators_appoint_members_but_no_operators() {
        appoint(founder, one, Access.FULL, false);
        assertThat(appoint(one, two, Access.STANDARD, false)).isEqualTo(new Outcome.Accepted());
        assertRefused(appoint(one, stranger, Access.FULL, false));
    }

    @Test
    void a_revoked_operator_says_nothing_any_more() {
        appoint(founder, one, Access.FULL, false);
        appoint(founder, one, Access.FULL, true);
        assertRefused(book.offer(directive(one, 1, "a")));
        assertThat(book.members().isMember(one.self())).isFalse();
    }

    @Test
    void older_ones_do_not_come_back_and_ties_end_alike_everywhere() {
        SignedStatement first = directive(founder, 1, "a").approvedBy(founder);
        var alone = new StatementBook(Genesis.make("x", NOW, founder.self(), 1).network(), () -> NOW, List.of());
        assertRefused(alone.offer(first));

        appoint(founder, one, Access.FULL, false);
        SignedStatement low = directive(one, 1, "a").approvedBy(founder);
        SignedStatement high = directive(one, 2, "b").approvedBy(founder);
        assertThat(book.offer(high)).isEqualTo(new Outcome.Accepted());
        assertThat(book.offer(low)).isEqualTo(new Outcome.Known());

        SignedStatement x = directive(one, 3, "x").approvedBy(founder);
        SignedStatement y = directive(one, 3, "y").approvedBy(founder);
        book.offer(x);
        book.offer(y);
        String here = book.find("directive", "greeter").orElseThrow().hash();
        var there = new StatementBook(genesis.network(), () -> NOW, List.of());
        book.holding().stream()
                .filter(s -> s.statement().kind().equals(MemberCodec.KIND))
                .forEach(there::offer);
        there.offer(y);
        there.offer(x);
        assertThat(there.find("directive", "greeter").orElseThrow().hash()).isEqualTo(here);
    }

    @Test
    void expired_ones_and_those_from_the_future_are_refused() {
        assertRefused(book.offer(SignedStatement.sign(
                founder,
                genesis.network().id(),
                "directive",
                "old",
                1,
                NOW.minus(Duration.ofDays(9)),
                NOW.minus(Duration.ofDays(8)),
                new byte[0])));
        assertRefused(book.offer(SignedStatement.sign(
                founder,
                genesis.network().id(),
                "directive",
                "early",
                1,
                NOW.plus(Duration.ofHours(3)),
                LATER,
                new byte[0])));
    }

    @Test
    void oversized_ones_are_refused_before_they_are_believed() {
        assertThatThrownBy(() -> directive(founder, 1, "x".repeat(SignedStatement.MAX_BODY + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65536");
        assertThatThrownBy(() -> SignedStatement.parse(founder, new byte[SignedStatement.MAX_SIZE + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void no_mutation_of_a_statement_is_believed() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] good = directive(founder, 1, "a").toBytes();
        int parsed = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            try {
                SignedStatement statement = SignedStatement.parse(founder, bad);
                // The signatures' own encoding can differ; what they sign cannot.
                assertThat(statement.payload())
                        .as("seed %d, mutation %d", seed, i)
                        .isEqualTo(directive(founder, 1, "a").payload());
                parsed++;
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).as("seed %d, mutation %d", seed, i).isNotBlank();
            }
        }
        assertThat(parsed).as("seed %d", seed).isLessThan(2_000);
    }

    @Test
    void a_torn_record_at_the_end_of_the_file_is_dropped_and_the_rest_kept(@TempDir Path temp) throws Exception {
        Path path = temp.resolve("statements");
        var file = new StatementFile(path);
        byte[] first = directive(founder, 1, "a").toBytes();
        file.append(first);
        file.append(directive(founder, 2, "b").toBytes());
        byte[] whole = Files.readAllBytes(path);
        for (int cut = first.length + 8; cut < whole.length; cut++) {
            Files.write(path, java.util.Arrays.copyOf(whole, cut));
            List<byte[]> read = new StatementFile(path).read();
            assertThat(read).hasSize(1);
            assertThat(read.getFirst()).isEqualTo(first);
        }
    }

    private SignedStatement rotation(Envelopes old, Envelopes next, Instant when) {
        return RotationCodec.own(old, next, genesis.network().id(), when, LATER);
    }

    private SignedStatement recovery(Envelopes by, Envelopes lost, Envelopes next) {
        String key = lost.self().toString();
        return SignedStatement.sign(
                by,
                genesis.network().id(),
                RotationCodec.KIND,
                key,
                book.next(RotationCodec.KIND, key),
                NOW,
                LATER,
                RotationCodec.body(next.self()));
    }

    @Test
    void a_key_is_replaced_by_its_owner_once_and_says_nothing_after_that() {
        appoint(founder, one, Access.FULL, false);
        Envelopes next = envelopes(5);
        SignedStatement byOneAlone = SignedStatement.sign(
                one,
                genesis.network().id(),
                RotationCodec.KIND,
                one.self().toString(),
                RotationCodec.OWN,
                NOW,
                LATER,
                RotationCodec.body(two.self()));
        assertThat(book.offer(byOneAlone)).isEqualTo(new Outcome.Proposed());
        assertThat(book.members().isMember(two.self())).isFalse();

        Instant when = NOW.minus(Duration.ofMinutes(1));
        assertRefused(book.offer(rotation(stranger, next, when)));
        assertRefused(book.offer(rotation(one, founder, when)));
        assertThat(book.offer(rotation(one, next, when))).isEqualTo(new Outcome.Accepted());
        assertThat(book.members().isMember(one.self())).isFalse();
        assertThat(book.members().member(next.self()).orElseThrow().formerKeys())
                .containsExactly(one.self());

        assertRefused(book.offer(directive(one, 1, "with the old key")));
        assertThat(book.offer(directive(next, 1, "with the new key"))).isEqualTo(new Outcome.Proposed());
        assertRefused(book.offer(rotation(next, one, NOW)));
        appoint(founder, next, Access.FULL, true);
        assertThat(book.members().isMember(next.self())).isFalse();
    }

    @Test
    void operators_have_the_last_word_on_a_stolen_key_and_what_the_thief_said_is_dropped() {
        appoint(founder, one, Access.FULL, false);
        appoint(founder, two, Access.FULL, false);
        Envelopes thief = envelopes(5);
        Envelopes owner = envelopes(6);
        assertThat(book.offer(rotation(one, thief, NOW))).isEqualTo(new Outcome.Accepted());
        appoint(thief, stranger, Access.STANDARD, false);
        assertThat(book.members().isMember(stranger.self())).isTrue();

        assertRefused(book.offer(recovery(thief, one, envelopes(7))));
        SignedStatement recovery = recovery(two, one, owner);
        assertThat(book.offer(recovery)).isEqualTo(new Outcome.Proposed());
        assertThat(book.offer(recovery.approvedBy(founder))).isEqualTo(new Outcome.Accepted());
        assertThat(book.members().isMember(thief.self())).isFalse();
        assertThat(book.members().isMember(stranger.self())).isFalse();
        assertThat(book.members().isMember(owner.self())).isTrue();
        assertRefused(book.offer(directive(thief, 1, "a")));
        // The owner's own rotation is older than the operators' word.
        assertThat(book.offer(rotation(one, thief, NOW))).isEqualTo(new Outcome.Known());
    }

    @Test
    void another_authority_may_say_what_is_enough_and_one_that_fails_says_no() {
        SignedStatement byStrangers = directive(stranger, 1, "a").approvedBy(envelopes(5));
        others.add(statement -> {
            throw new IllegalStateException("no quorum is known");
        });
        assertRefused(book.offer(byStrangers));
        others.add(statement -> statement
                .signers()
                .containsAll(List.of(stranger.self(), envelopes(5).self())));
        assertRefused(book.offer(directive(stranger, 1, "a")));
        assertThat(book.offer(byStrangers)).isEqualTo(new Outcome.Accepted());
    }

    @Test
    void a_member_that_signs_by_two_of_its_keys_counts_once() {
        appoint(founder, one, Access.FULL, false);
        Envelopes next = envelopes(5);
        SignedStatement directive = directive(one, 1, "a");
        assertThat(book.offer(directive)).isEqualTo(new Outcome.Proposed());
        assertThat(book.offer(rotation(one, next, NOW.plusSeconds(1)))).isEqualTo(new Outcome.Accepted());
        assertThat(book.offer(directive.approvedBy(next))).isEqualTo(new Outcome.Proposed());
        assertThat(book.offer(directive.approvedBy(founder))).isEqualTo(new Outcome.Accepted());
    }

    @Test
    void what_another_authority_made_hold_stays_when_a_stolen_key_is_put_right() {
        appoint(founder, one, Access.FULL, false);
        appoint(founder, two, Access.FULL, false);
        others.add(statement -> statement.signers().contains(stranger.self()));
        assertThat(book.offer(directive(stranger, 1, "a"))).isEqualTo(new Outcome.Accepted());
        assertThat(book.offer(rotation(one, envelopes(5), NOW))).isEqualTo(new Outcome.Accepted());
        assertThat(book.offer(recovery(two, one, envelopes(6)).approvedBy(founder)))
                .isEqualTo(new Outcome.Accepted());
        assertThat(book.find("directive", "greeter")).isPresent();
    }
}
