package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Directive.Selector;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Directives as bodies of statements.
final class DirectiveCodec {
    static final String KIND = "directive";
    private static final int MAX_COUNT = 1_000_000;
    private static final int MAX_SELECTED = 64;
    private static final int MAX_WINDOW = 24 * 3600;

    private DirectiveCodec() {}

    /// @throws IllegalArgumentException if it makes no sense
    static byte[] body(Directive directive) {
        check(directive);
        var out = new ProtoWriter()
                .text(1, directive.versions())
                .varint(2, directive.count() == Directive.ON_DEMAND ? 1 : directive.count() + 1L)
                .varint(3, directive.priority());
        directive.selector().roles().forEach(role -> out.text(4, role));
        directive.selector().labels().forEach((key, value) -> out.text(5, key + "=" + value));
        directive.rollout().ifPresent(rollout -> out.message(6, rollout(rollout)));
        out.varint(7, directive.count() == Directive.ON_DEMAND ? 1 : 0);
        out.varint(8, directive.selector().least().memoryMiB());
        out.varint(9, directive.selector().least().processors());
        return out.toBytes();
    }

    private static ProtoWriter rollout(Rollout rollout) {
        return new ProtoWriter()
                .text(1, rollout.from())
                .varint(2, rollout.canaries())
                .varint(3, rollout.wavePercent())
                .varint(4, rollout.windowSeconds())
                .varint(5, rollout.failures())
                .varint(6, rollout.paused() ? 1 : 0);
    }

    private static Rollout rollout(ProtoReader in) {
        String from = "";
        long[] numbers = new long[7];
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                from = in.text();
            } else if (field < numbers.length) {
                numbers[field] = in.varint();
            }
        }
        return new Rollout(
                from,
                Math.toIntExact(numbers[2]),
                Math.toIntExact(numbers[3]),
                Math.toIntExact(numbers[4]),
                Math.toIntExact(numbers[5]),
                numbers[6] != 0);
    }

    private static void check(Rollout rollout) {
        boolean fits = rollout.canaries() >= 0
                && rollout.wavePercent() >= 1
                && rollout.wavePercent() <= 100
                && rollout.windowSeconds() >= 0
                && rollout.windowSeconds() <= MAX_WINDOW
                && rollout.failures() >= 0;
        if (!fits) {
            throw new IllegalArgumentException(
                    "A roll-out has 0 or more canaries and failures, waves of 1 to 100 %, and a window of 0 to "
                            + MAX_WINDOW + " seconds");
        }
    }

    private static void check(Directive directive) {
        directive.rollout().ifPresent(DirectiveCodec::check);
        if (!directive.component().matches("[A-Za-z0-9_.-]{1,128}")) {
            throw new IllegalArgumentException("\"%s\" is no name of a component".formatted(directive.component()));
        }
        if (directive.count() < Directive.ON_DEMAND || directive.count() > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "A component runs on all members, on demand, or on 0 to %d".formatted(MAX_COUNT));
        }
        if (directive.count() == Directive.ON_DEMAND && directive.rollout().isPresent()) {
            throw new IllegalArgumentException(
                    "What runs on demand is not rolled out: nobody knows on how many nodes it will run");
        }
        Resources least = directive.selector().least();
        if (least.memoryMiB() < 0 || least.processors() < 0) {
            throw new IllegalArgumentException("A selector asks for memory and processors of 0 or more");
        }
        if (directive.priority() < 0) {
            throw new IllegalArgumentException("A priority is 0 or more");
        }
    }

    /// @throws IllegalArgumentException if it is no directive
    static Directive directive(Statement statement) {
        var in = new ProtoReader(statement.body());
        String versions = "";
        long count = -1;
        long priority = 0;
        List<String> roles = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        Rollout rollout = null;
        boolean onDemand = false;
        long memory = 0;
        long processors = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> versions = in.text();
                case 2 -> count = in.varint() - 1;
                case 3 -> priority = in.varint();
                case 4 -> roles.add(in.text());
                case 5 -> {
                    String[] parts = in.text().split("=", 2);
                    labels.put(parts[0], parts.length == 2 ? parts[1] : "");
                }
                case 6 -> rollout = rollout(in.message());
                case 7 -> onDemand = in.varint() != 0;
                case 8 -> memory = in.varint();
                case 9 -> processors = in.varint();
                default -> {}
            }
        }
        if (roles.size() > MAX_SELECTED || labels.size() > MAX_SELECTED) {
            throw new IllegalArgumentException("A selector with more than %d roles or labels".formatted(MAX_SELECTED));
        }
        var directive = new Directive(
                statement.key(),
                versions,
                new Selector(
                        List.copyOf(roles), Map.copyOf(labels), new Resources(memory, Math.toIntExact(processors))),
                onDemand ? Directive.ON_DEMAND : Math.toIntExact(count),
                Math.toIntExact(priority),
                Optional.ofNullable(rollout),
                statement.expires(),
                statement.sequence(),
                statement.signers().stream().map(Object::toString).toList());
        check(directive);
        return directive;
    }
}
