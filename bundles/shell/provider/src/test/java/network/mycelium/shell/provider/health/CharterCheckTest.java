package network.mycelium.shell.provider.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Charter;
import network.mycelium.identity.Charters.Operator;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.health.HealthCheck.Finding;
import network.mycelium.node.health.HealthCheck.Problem;
import network.mycelium.shell.provider.Fakes;
import org.junit.jupiter.api.Test;

class CharterCheckTest {
    private static final PeerId SELF = PeerId.parse("12D3KooWAYjxA62dWgahX1Sef6ruxhtoU2J1B7isUVrS6HNGJxKS");
    private static final PeerId CODE = PeerId.parse("12D3KooWCuFDyKvvaiyLNavLUjVdRDMQ5LvVq9Qk2wjG83Tyf2k7");
    private static final PeerId OTHER = PeerId.parse("12D3KooWH6g7CtPbZuQmpT4FDUcVofBxhxez9MLvkFbVj4seKNkK");
    private static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");

    private List<PeerId> recovery = List.of(CODE, OTHER);
    private int threshold = 2;
    private List<String> alarms = List.of();
    private Instant checked = NOW;
    private Duration ahead = Duration.ZERO;
    private PeerId self = SELF;

    private Finding look() {
        var charter = new Charter(
                3,
                "00",
                1,
                NOW,
                List.of(new Operator("founder", SELF, 0)),
                recovery,
                threshold,
                List.of(),
                List.of(),
                List.of(),
                0);
        var charters = Fakes.of(
                Charters.class, Map.of("present", a -> charter, "alarms", a -> alarms, "codeChecked", a -> checked));
        var presence = Fakes.of(Presence.class, Map.of("ahead", a -> ahead));
        return new CharterCheck(() -> charters, () -> presence, self::toString, () -> NOW).look();
    }

    private Problem one() {
        return assertThat(look().problems()).singleElement().actual();
    }

    @Test
    void all_is_well() {
        assertThat(look()).isEqualTo(new Finding("version 3, 2 of 3 keys sign the next one", List.of()));
        assertThat(new CharterCheck(() -> null, () -> null, () -> "", () -> NOW)
                        .look()
                        .problems())
                .isEmpty();
    }

    @Test
    void a_clock_that_is_off_is_told_on_every_node() {
        self = OTHER;
        ahead = Duration.ofMinutes(121);
        assertThat(one().problem()).contains("121 minutes ahead of");
        ahead = Duration.ofMinutes(-121);
        assertThat(one().problem()).contains("121 minutes behind");
        ahead = Duration.ofMinutes(-119);
        assertThat(look().problems()).isEmpty();
    }

    @Test
    void operators_hear_of_alarms_others_do_not() {
        alarms = List.of("a fork");
        assertThat(one().problem()).isEqualTo("a fork");
        self = OTHER;
        assertThat(look().problems()).isEmpty();
    }

    @Test
    void codes_are_asked_for_once_a_year() {
        checked = NOW.minus(Duration.ofDays(366));
        assertThat(one())
                .matches(p -> p.problem().contains("366 days") && p.remedy().contains("check-code"));
        recovery = List.of();
        threshold = 1;
        assertThat(look().problems()).isEmpty();
    }

    @Test
    void a_charter_that_bears_no_loss_is_told_but_not_of_a_lone_key_by_choice() {
        threshold = 3;
        assertThat(one().problem()).contains("no key of the charter may be lost");
        recovery = List.of();
        threshold = 1;
        assertThat(look().problems()).isEmpty();
    }
}
