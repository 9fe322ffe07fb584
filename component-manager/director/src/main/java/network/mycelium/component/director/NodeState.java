package network.mycelium.component.director;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What a node tells all others of itself, with its presence.
///
/// @param running what it runs, and what became of roll-outs there
/// @param maintenance until when it is in maintenance, if it is
/// @param roles that it has taken
record NodeState(List<Running> running, Optional<Instant> maintenance, Set<String> roles, Resources resources) {
    private static final Logger LOG = System.getLogger(NodeState.class.getName());
    static final NodeState UNKNOWN = new NodeState(List.of(), Optional.empty(), Set.of(), Resources.NONE);

    /// What a member said last; nothing if that is not understood.
    static NodeState of(Presence.Present present) {
        try {
            return parse(present.report());
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "the report of {0} is not understood: {1}", present.peer(), e.getMessage());
            return UNKNOWN;
        }
    }

    byte[] toBytes() {
        var out = new ProtoWriter();
        for (Running one : running) {
            out.message(
                    1,
                    new ProtoWriter()
                            .text(1, one.component())
                            .text(2, one.version())
                            .text(3, one.state())
                            .text(4, one.problem()));
        }
        maintenance.ifPresent(until -> out.varint(2, until.toEpochMilli()));
        roles.forEach(role -> out.text(3, role));
        out.varint(4, resources.memoryMiB()).varint(5, resources.processors());
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if it is none
    static NodeState parse(byte[] report) {
        List<Running> running = new ArrayList<>();
        Optional<Instant> maintenance = Optional.empty();
        Set<String> roles = new TreeSet<>();
        long memory = 0;
        long processors = 0;
        var in = new ProtoReader(report);
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> running.add(running(in.message()));
                case 2 -> maintenance = Optional.of(Instant.ofEpochMilli(in.varint()));
                case 3 -> roles.add(in.text());
                case 4 -> memory = in.varint();
                case 5 -> processors = in.varint();
                default -> {}
            }
        }
        return new NodeState(
                List.copyOf(running), maintenance, roles, new Resources(memory, (int) Math.min(processors, 1 << 20)));
    }

    private static Running running(ProtoReader in) {
        String[] texts = {"", "", "", ""};
        for (int field; (field = in.next()) != 0; ) {
            if (field <= texts.length) {
                texts[field - 1] = in.text();
            }
        }
        return new Running(texts[0], texts[1], texts[2], texts[3]);
    }
}
