package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.simulation.host.MemoryNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeardMembersTest {
    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final PeerId member = Keys.envelopes(2).self();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private HeardMembers presence(Duration dead) {
        var self = Keys.envelopes(1);
        var host = new MemoryNetwork(1, MemoryNetwork.Conditions.LOCAL).host(self.self());
        var heads = new AuditHeads(new AuditLog(folder.resolve("log")), self, folder.resolve("heads"));
        var presence = new HeardMembers(
                host,
                new SilentTopic(),
                member::equals,
                heads,
                new BeatAges(folder.resolve("heard")),
                1,
                java.time.InstantSource.system(),
                dead);
        open.add(presence);
        return presence.start();
    }

    private static byte[] beat(long run, long count) {
        return new Beat(new Beat.Age(run, count), List.of(), new byte[16], new byte[0], 1).toBytes();
    }

    private static boolean hears(Presence presence, PeerId peer) {
        return presence.present().stream().anyMatch(p -> p.peer().equals(peer));
    }

    @Test
    void recorded_beats_of_a_dead_member_revive_it_neither_then_nor_after_a_start() throws Exception {
        HeardMembers presence = presence(Duration.ofMillis(300));
        assertThat(presence.check(member, beat(5, 1))).isEqualTo(Verdict.ACCEPT);
        assertThat(presence.check(member, beat(5, 2))).isEqualTo(Verdict.ACCEPT);
        await().until(() -> !hears(presence, member));

        assertThat(presence.check(member, beat(5, 2))).isEqualTo(Verdict.IGNORE);
        assertThat(presence.check(member, beat(4, 900))).isEqualTo(Verdict.IGNORE);
        assertThat(hears(presence, member)).isFalse();

        presence.close();
        HeardMembers again = presence(Duration.ofSeconds(3));
        assertThat(again.check(member, beat(5, 2))).isEqualTo(Verdict.IGNORE);
        assertThat(again.check(member, beat(6, 1))).isEqualTo(Verdict.ACCEPT);
        assertThat(hears(again, member)).isTrue();
    }

    @Test
    void a_clock_that_is_off_is_seen_by_the_others() throws Exception {
        HeardMembers presence = presence(Duration.ofSeconds(30));
        assertThat(presence.ahead()).isZero();
        long threeHoursAhead = System.currentTimeMillis() + Duration.ofHours(3).toMillis();
        var beat = new Beat(new Beat.Age(5, 1), List.of(), new byte[16], new byte[0], threeHoursAhead);
        assertThat(presence.check(member, beat.toBytes())).isEqualTo(Verdict.ACCEPT);
        assertThat(presence.ahead()).isBetween(Duration.ofMinutes(-181), Duration.ofMinutes(-179));
    }

    @Test
    void a_flood_of_beats_is_neither_taken_nor_passed_on() throws Exception {
        HeardMembers presence = presence(Duration.ofSeconds(3));
        long taken = 0;
        for (int i = 1; i <= 5_000; i++) {
            taken += presence.check(member, beat(1, i)) == Verdict.ACCEPT ? 1 : 0;
        }
        // A burst, and what the time that this took allows.
        assertThat(taken).isBetween(1L, 100L);
    }

    @Test
    void strangers_and_what_is_no_beat_are_not_taken() throws Exception {
        HeardMembers presence = presence(Duration.ofSeconds(3));
        assertThat(presence.check(Keys.envelopes(3).self(), beat(1, 1))).isEqualTo(Verdict.IGNORE);
        assertThat(presence.check(member, new byte[] {1, 2, 3})).isEqualTo(Verdict.REJECT);
        assertThat(presence.check(member, new byte[Beat.MAX_SIZE + 1])).isEqualTo(Verdict.REJECT);
    }

    @Test
    void each_run_has_a_higher_number_whatever_the_clock_says() throws IOException {
        Path file = folder.resolve("runs");
        assertThat(BeatAges.nextRun(file, 1_000)).isEqualTo(1_000);
        assertThat(BeatAges.nextRun(file, 10)).isEqualTo(1_001);
        assertThat(BeatAges.nextRun(file, 5_000)).isEqualTo(5_000);
    }

    @Test
    void ages_are_bounded_and_the_oldest_goes() {
        var ages = new BeatAges(null);
        for (int i = 0; i <= BeatAges.MAX; i++) {
            ages.set("peer" + i, new Beat.Age(1, 1));
        }
        assertThat(ages.isNews("peer0", new Beat.Age(1, 1))).isTrue();
        assertThat(ages.isNews("peer1", new Beat.Age(1, 1))).isFalse();
    }

    /// Nobody else is there.
    private static final class SilentTopic implements Topic {
        @Override
        public String name() {
            return "silent";
        }

        @Override
        public void publish(byte[] data) {
            Beat.parse(data);
        }

        @Override
        public AutoCloseable subscribe(java.util.function.Consumer<Message> subscriber) {
            return () -> {};
        }

        @Override
        public void validate(Validator validator) {}

        @Override
        public java.util.Set<PeerId> peers() {
            return java.util.Set.of();
        }

        @Override
        public void close() {}
    }
}
