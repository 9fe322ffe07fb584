package network.mycelium.shell.provider.health;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Charter;
import network.mycelium.identity.Presence;
import network.mycelium.node.health.HealthCheck;

/// Whether who speaks for the network can go on doing so: alarms, keys that may be lost, recovery codes that nobody
/// has looked for, and this node's clock.
public final class CharterCheck implements HealthCheck {
    /// How old the last sight of a recovery code may be.
    static final Duration CODES = Duration.ofDays(365);
    /// What the network tolerates.
    static final Duration CLOCK = Duration.ofHours(2);

    private final Supplier<Charters> charters;
    private final Supplier<Presence> presence;
    private final Supplier<String> self;
    private final InstantSource clock;

    /// @param charters gives null while the node is in no network, as does presence
    /// @param self the peer id of this node, empty while it has none
    public CharterCheck(
            Supplier<Charters> charters, Supplier<Presence> presence, Supplier<String> self, InstantSource clock) {
        this.charters = charters;
        this.presence = presence;
        this.self = self;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "charter";
    }

    @Override
    public Finding look() {
        Charters office = charters.get();
        if (office == null) {
            return new Finding("in no network", List.of());
        }
        List<Problem> problems = new ArrayList<>();
        clock(problems);
        Charter charter = office.present();
        int holders = charter.operators().size() + charter.recovery().size();
        if (isOperator(charter)) {
            office.alarms()
                    .forEach(alarm -> problems.add(new Problem(
                            alarm, "look at `network charter log`, and docs/operators.md for what it means")));
            keys(charter, holders, problems);
            codes(office, charter, problems);
        }
        return new Finding(
                "version %d, %d of %d keys sign the next one"
                        .formatted(charter.version(), charter.threshold(), holders),
                problems);
    }

    private boolean isOperator(Charter charter) {
        String peer = self.get();
        return charter.operators().stream()
                .anyMatch(operator -> operator.peer().toString().equals(peer));
    }

    private void clock(List<Problem> problems) {
        Presence there = presence.get();
        Duration ahead = there == null ? Duration.ZERO : there.ahead();
        if (ahead.abs().compareTo(CLOCK) > 0) {
            problems.add(new Problem(
                    "this node's clock is %d minutes %s the other members'"
                            .formatted(ahead.abs().toMinutes(), ahead.isNegative() ? "behind" : "ahead of"),
                    "set the machine's clock, by NTP"));
        }
    }

    /// One key alone is what its founder chose, and was told.
    private static void keys(Charter charter, int holders, List<Problem> problems) {
        if (holders > 1 && holders == charter.threshold()) {
            problems.add(new Problem(
                    "no key of the charter may be lost: all %d must sign the next one".formatted(holders),
                    "add an operator (`network charter add`) or codes (`network charter new-codes`)"));
        }
    }

    private void codes(Charters office, Charter charter, List<Problem> problems) {
        Duration age = Duration.between(office.codeChecked(), clock.instant());
        if (!charter.recovery().isEmpty() && age.compareTo(CODES) > 0) {
            problems.add(new Problem(
                    "nobody has shown this node a recovery code for %d days".formatted(age.toDays()),
                    "see that you have it, by `network charter check-code`"));
        }
    }
}
