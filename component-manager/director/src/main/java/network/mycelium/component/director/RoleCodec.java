package network.mycelium.component.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import network.mycelium.component.Roles.Decision;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.node.command.Access;

/// Bodies of statements about roles and tasks.
final class RoleCodec {
    /// What a role is; its key is the role's name.
    static final String ROLE = "role";

    /// What was decided for a member; its key is the peer id.
    static final String DECISIONS = "member-roles";

    /// What a task takes; its key is the task's name.
    static final String TASK = "task";

    private static final int MAX = 64;
    private static final Duration MAX_UPTIME = Duration.ofDays(10 * 365);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private RoleCodec() {}

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static String checkName(String what, String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "\"%s\" is no name of a %s: that has letters, digits, '.', '_' and '-' only, and 64 at most"
                            .formatted(Texts.shown(name, 60), what));
        }
        return name;
    }

    private static void checkCount(int count) {
        if (count > MAX) {
            throw new IllegalArgumentException("At most %d components or roles, not %d".formatted(MAX, count));
        }
    }

    private static void check(Role role) {
        checkName("role", role.name());
        checkComponents(role.components());
        role.rule().ifPresent(RoleCodec::check);
    }

    private static void checkComponents(List<String> components) {
        checkCount(components.size());
        components.forEach(Versions.Spec::parse);
    }

    private static void check(Rule rule) {
        if (rule.uptime().isNegative()
                || rule.uptime().compareTo(MAX_UPTIME) > 0
                || rule.memoryMiB() < 0
                || rule.processors() < 0) {
            throw new IllegalArgumentException(
                    "A rule asks for an uptime of 0 to %d days, and for memory and processors of 0 or more"
                            .formatted(MAX_UPTIME.toDays()));
        }
    }

    /// By its number in a message.
    private static <E extends Enum<E>> E constant(Class<E> type, long number) {
        E[] all = type.getEnumConstants();
        if (number < 0 || number >= all.length) {
            throw new IllegalArgumentException("There is no %s %d".formatted(type.getSimpleName(), number));
        }
        return all[(int) number];
    }

    /// @throws IllegalArgumentException if it makes no sense
    static byte[] body(Role role) {
        check(role);
        var out = new ProtoWriter();
        role.components().forEach(component -> out.text(1, component));
        role.rule()
                .ifPresent(rule -> out.message(
                        2,
                        new ProtoWriter()
                                .varint(1, rule.uptime().toSeconds())
                                .varint(2, rule.memoryMiB())
                                .varint(3, rule.processors())
                                .varint(4, rule.access().ordinal())));
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if it is no role
    static Role role(Statement statement) {
        var in = new ProtoReader(statement.body());
        List<String> components = new ArrayList<>();
        Rule rule = null;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> components.add(in.text());
                case 2 -> rule = rule(in.message());
                default -> {}
            }
        }
        var role = new Role(statement.key(), List.copyOf(components), Optional.ofNullable(rule));
        check(role);
        return role;
    }

    private static Rule rule(ProtoReader in) {
        long[] numbers = new long[5];
        for (int field; (field = in.next()) != 0; ) {
            if (field < numbers.length) {
                numbers[field] = in.varint();
            }
        }
        if (numbers[3] != (int) numbers[3]) {
            throw new IllegalArgumentException("There is no machine with %d processors".formatted(numbers[3]));
        }
        return new Rule(
                Duration.ofSeconds(numbers[1]), numbers[2], (int) numbers[3], constant(Access.class, numbers[4]));
    }

    static byte[] body(Map<String, Decision> decisions) {
        checkCount(decisions.size());
        var out = new ProtoWriter();
        decisions.forEach((role, decision) -> {
            checkName("role", role);
            out.message(1, new ProtoWriter().text(1, role).varint(2, decision.ordinal()));
        });
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if there are none
    static Map<String, Decision> decisions(Statement statement) {
        Map<String, Decision> all = new TreeMap<>();
        var in = new ProtoReader(statement.body());
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                var one = in.message();
                String role = "";
                long decision = 0;
                for (int inner; (inner = one.next()) != 0; ) {
                    switch (inner) {
                        case 1 -> role = one.text();
                        case 2 -> decision = one.varint();
                        default -> {}
                    }
                }
                all.put(checkName("role", role), constant(Decision.class, decision));
                checkCount(all.size());
            }
        }
        return all;
    }

    /// @throws IllegalArgumentException if it makes no sense
    static byte[] body(String task, List<String> components) {
        checkName("task", task);
        checkComponents(components);
        var out = new ProtoWriter();
        components.forEach(component -> out.text(1, component));
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if it is no task
    static List<String> components(Statement statement) {
        checkName("task", statement.key());
        List<String> all = new ArrayList<>();
        var in = new ProtoReader(statement.body());
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                all.add(in.text());
            }
        }
        checkComponents(all);
        return List.copyOf(all);
    }
}
