package network.mycelium.component.director;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.osgi.framework.Version;

/// What a node tells all others of itself, with its presence. What a report says that makes no sense is left
/// out when it is read, so that no member can say anything that others cannot work with.
///
/// @param running what it runs, and what became of roll-outs there
/// @param maintenance until when it is in maintenance, if it is
/// @param roles that it has taken
/// @param untaken roles that it should have and has not, with why
/// @param leftOut how many components had no room in the report
/// @param problem what of the report was not understood, or empty
record NodeState(
        List<Running> running,
        Optional<Instant> maintenance,
        Set<String> roles,
        Map<String, String> untaken,
        Resources resources,
        int leftOut,
        String problem) {
    static final String ACTIVE = "ACTIVE";
    static final String MISSING = "MISSING";
    /// A node tried the version of a directive and went back; the number of the directive stands for a version.
    static final String REJECTED = "REJECTED";
    /// A node saw too many fail; likewise.
    static final String HALTED = "HALTED";

    static final int MAX_RUNNING = 1024;
    static final int MAX_ROLES = 64;
    static final int MAX_TEXT = 300;
    private static final Set<String> LOADED = Set.of(ACTIVE, "FAILED", "QUARANTINED");
    private static final Set<String> ROLLOUT = Set.of(REJECTED, HALTED);
    private static final long MAX_NUMBER = 1L << 40;

    static final NodeState UNKNOWN = unknown("");

    private static NodeState unknown(String problem) {
        return new NodeState(List.of(), Optional.empty(), Set.of(), Map.of(), Resources.NONE, 0, problem);
    }

    NodeState(
            List<Running> running,
            Optional<Instant> maintenance,
            Set<String> roles,
            Map<String, String> untaken,
            Resources resources) {
        this(running, maintenance, roles, untaken, resources, 0, "");
    }

    /// As a report, of [Presence#MAX_REPORT] bytes at most: roll-outs come first, then what does not run,
    /// then the rest; what finds no room is counted.
    byte[] toBytes() {
        var out = new ProtoWriter();
        maintenance.ifPresent(until -> out.varint(2, until.toEpochMilli()));
        roles.stream().limit(MAX_ROLES).forEach(role -> out.text(3, role));
        out.varint(4, resources.memoryMiB()).varint(5, resources.processors());
        untaken.entrySet().stream()
                .limit(MAX_ROLES)
                .forEach(e -> out.message(
                        7, new ProtoWriter().text(1, e.getKey()).text(2, Texts.shown(e.getValue(), MAX_TEXT / 4))));
        int room = Presence.MAX_REPORT - out.toBytes().length - 16;
        int left = 0;
        List<Running> important = running.stream()
                .sorted(Comparator.comparingInt(NodeState::importance))
                .toList();
        int told = 0;
        for (Running one : important) {
            byte[] entry = entry(one).toBytes();
            if (entry.length + 4 > room || told == MAX_RUNNING) {
                left++;
                continue;
            }
            told++;
            room -= entry.length + 4;
            out.bytes(1, entry);
        }
        if (left > 0) {
            out.varint(6, left);
        }
        return out.toBytes();
    }

    private static int importance(Running one) {
        return ROLLOUT.contains(one.state()) ? 0 : one.state().equals(ACTIVE) ? 2 : 1;
    }

    private static ProtoWriter entry(Running one) {
        return new ProtoWriter()
                .text(1, one.component())
                .text(2, one.version())
                .text(3, one.state())
                .text(4, Texts.shown(one.problem(), MAX_TEXT));
    }

    /// What a member said of itself; whatever of that is not understood is left out, and named in `problem`.
    static NodeState parse(byte[] report) {
        var parsed = new Parser();
        try {
            return parsed.parse(new ProtoReader(report));
        } catch (IllegalArgumentException e) {
            return unknown("it is no report: " + e.getMessage());
        }
    }

    private static final class Parser {
        private final List<Running> running = new ArrayList<>();
        private final Set<String> roles = new TreeSet<>();
        private final Map<String, String> untaken = new TreeMap<>();
        private Optional<Instant> maintenance = Optional.empty();
        private long memory;
        private long processors;
        private long leftOut;
        private String problem = "";

        NodeState parse(ProtoReader in) {
            for (int field; (field = in.next()) != 0; ) {
                switch (field) {
                    case 1 -> running(in.message());
                    case 2 -> maintenance = Optional.of(Instant.ofEpochMilli(in.varint()));
                    case 3 -> role(in.text(), roles);
                    case 4 -> memory = in.varint();
                    case 5 -> processors = in.varint();
                    case 6 -> leftOut = in.varint();
                    case 7 -> untaken(in.message());
                    default -> {}
                }
            }
            return new NodeState(
                    List.copyOf(running),
                    maintenance,
                    roles,
                    untaken,
                    new Resources(within(memory, MAX_NUMBER), (int) within(processors, 1 << 20)),
                    (int) within(leftOut, 1 << 20),
                    problem);
        }

        private static long within(long number, long most) {
            return Math.clamp(number, 0, most);
        }

        private void leaveOut(String why) {
            if (problem.isEmpty()) {
                problem = why;
            }
        }

        private void role(String name, Set<String> to) {
            if (!RoleCodec.isName(name) || to.size() >= MAX_ROLES) {
                leaveOut("\"%s\" is no role, or one too many".formatted(Texts.shown(name, 60)));
            } else {
                to.add(name);
            }
        }

        private void untaken(ProtoReader in) {
            String[] texts = texts(in, 2);
            if (RoleCodec.isName(texts[0]) && untaken.size() < MAX_ROLES) {
                untaken.put(texts[0], Texts.shown(texts[1], MAX_TEXT));
            } else {
                leaveOut("\"%s\" is no role, or one too many".formatted(Texts.shown(texts[0], 60)));
            }
        }

        private void running(ProtoReader in) {
            String[] texts = texts(in, 4);
            try {
                if (running.size() >= MAX_RUNNING) {
                    throw new IllegalArgumentException("more than %d components".formatted(MAX_RUNNING));
                }
                Versions.checkName(texts[0]);
                checkVersion(texts[1], texts[2]);
                running.add(new Running(texts[0], texts[1], texts[2], Texts.shown(texts[3], MAX_TEXT)));
            } catch (IllegalArgumentException e) {
                leaveOut(e.getMessage());
            }
        }

        private static void checkVersion(String version, String state) {
            if (LOADED.contains(state)) {
                if (version.length() > Versions.MAX_LENGTH) {
                    throw new IllegalArgumentException("a version of %d characters".formatted(version.length()));
                }
                Version.parseVersion(version);
            } else if (ROLLOUT.contains(state)) {
                if (Long.parseLong(version) < 0) {
                    throw new IllegalArgumentException("a directive of number " + version);
                }
            } else if (!state.equals(MISSING) || !version.isEmpty()) {
                throw new IllegalArgumentException("\"%s\" is no state".formatted(Texts.shown(state, 60)));
            }
        }

        private static String[] texts(ProtoReader in, int count) {
            String[] texts = new String[count];
            java.util.Arrays.fill(texts, "");
            for (int field; (field = in.next()) != 0; ) {
                if (field <= count) {
                    texts[field - 1] = in.text();
                }
            }
            return texts;
        }
    }
}
