package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Directive.Selector;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Directives as bodies of statements. What is read is what may be worked with: whoever gets a [Directive]
/// from here need not check it again.
final class DirectiveCodec {
    static final String KIND = "directive";
    /// A thousand peer ids fit a statement.
    static final int MAX_ORDER = 1024;
    private static final int MAX_COUNT = 1_000_000;
    private static final int MAX_SELECTED = 64;
    private static final int MAX_SELECTED_LENGTH = 128;
    private static final int MAX_WINDOW = 24 * 3600;
    private static final int WITHDRAWN = 10;

    private DirectiveCodec() {}

    /// The body of a statement that takes a directive back.
    static byte[] withdrawal() {
        return new ProtoWriter().varint(WITHDRAWN, 1).toBytes();
    }

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
        var out = new ProtoWriter()
                .text(1, rollout.from())
                .varint(2, rollout.canaries())
                .varint(3, rollout.wavePercent())
                .varint(4, rollout.windowSeconds())
                .varint(5, rollout.failures())
                .varint(6, rollout.paused() ? 1 : 0);
        rollout.order().forEach(peer -> out.bytes(7, PeerId.parse(peer).bytes()));
        return out;
    }

    private static Rollout rollout(ProtoReader in) {
        String from = "";
        long[] numbers = new long[7];
        List<String> order = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> from = in.text();
                case 2, 3, 4, 5, 6 -> numbers[field] = in.varint();
                case 7 -> order.add(PeerId.parse(in.bytes()).toString());
                default -> {}
            }
        }
        return new Rollout(
                from,
                number(numbers[2]),
                number(numbers[3]),
                number(numbers[4]),
                number(numbers[5]),
                numbers[6] != 0,
                order);
    }

    private static int number(long read) {
        if (read != (int) read) {
            throw new IllegalArgumentException(read + " is out of bounds");
        }
        return (int) read;
    }

    private static void check(Directive directive, Rollout rollout) {
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
        if (directive.versions().isEmpty() || rollout.from().isEmpty()) {
            throw new IllegalArgumentException("A roll-out goes from some versions to others: say which");
        }
        Versions.parse(rollout.from());
        if (directive.count() == Directive.ON_DEMAND) {
            throw new IllegalArgumentException(
                    "What runs on demand is not rolled out: nobody knows on how many nodes it will run");
        }
        if (rollout.order().size() > MAX_ORDER
                || new HashSet<>(rollout.order()).size() < rollout.order().size()) {
            throw new IllegalArgumentException("A roll-out names at most %d nodes, each once".formatted(MAX_ORDER));
        }
    }

    private static void check(Directive directive) {
        Versions.checkName(directive.component());
        Versions.parse(directive.versions());
        directive.rollout().ifPresent(rollout -> check(directive, rollout));
        if (directive.count() < Directive.ON_DEMAND || directive.count() > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "A component runs on all members, on demand, or on 0 to %d".formatted(MAX_COUNT));
        }
        check(directive.selector());
        if (directive.priority() < 0) {
            throw new IllegalArgumentException("A priority is 0 or more");
        }
    }

    private static void check(Selector selector) {
        if (selector.least().memoryMiB() < 0 || selector.least().processors() < 0) {
            throw new IllegalArgumentException("A selector asks for memory and processors of 0 or more");
        }
        if (selector.roles().size() > MAX_SELECTED || selector.labels().size() > MAX_SELECTED) {
            throw new IllegalArgumentException("A selector with more than %d roles or labels".formatted(MAX_SELECTED));
        }
        selector.roles().forEach(role -> RoleCodec.checkName("role", role));
        selector.labels().forEach((key, value) -> {
            if (key.isEmpty() || key.contains("=") || key.length() + value.length() > MAX_SELECTED_LENGTH) {
                throw new IllegalArgumentException("\"%s=%s\" is no label: that is KEY=VALUE, of %d characters at most"
                        .formatted(Texts.shown(key, 60), Texts.shown(value, 60), MAX_SELECTED_LENGTH));
            }
        });
    }

    /// What a statement says about a component: nothing any more if it takes a directive back.
    ///
    /// @throws IllegalArgumentException if it is no directive
    static Optional<Directive> directive(Statement statement) {
        var in = new ProtoReader(statement.body());
        String versions = "";
        long count = -1;
        long priority = 0;
        List<String> roles = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        Rollout rollout = null;
        boolean onDemand = false;
        boolean withdrawn = false;
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
                case WITHDRAWN -> withdrawn = in.varint() != 0;
                default -> {}
            }
        }
        if (withdrawn) {
            Versions.checkName(statement.key());
            return Optional.empty();
        }
        var directive = new Directive(
                statement.key(),
                versions,
                new Selector(List.copyOf(roles), Map.copyOf(labels), new Resources(memory, number(processors))),
                onDemand ? Directive.ON_DEMAND : number(count),
                number(priority),
                Optional.ofNullable(rollout),
                statement.expires(),
                statement.sequence(),
                statement.issued(),
                statement.signers().stream().map(Object::toString).toList());
        check(directive);
        return Optional.of(directive);
    }
}
