package network.mycelium.libp2p.core.gossip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What gossipsub peers send each other (libp2p/specs pubsub, gossipsub v1.0 to v1.2). Message ids are texts with one
/// character a byte.
public record Rpc(
        List<Subscription> subscriptions,
        List<GossipMessage> messages,
        List<Have> have,
        List<String> want,
        List<String> graft,
        List<Prune> prune,
        List<String> dontWant) {
    public record Subscription(boolean subscribe, String topic) {}

    public record Have(String topic, List<String> ids) {}

    /// @param others whom the other side may turn to instead; at most 64 are read
    /// @param backoffSeconds how long the other side should not graft; 0 if it does not say
    public record Prune(String topic, List<Suggested> others, long backoffSeconds) {}

    /// A peer that another one told of (v1.1, peer exchange).
    ///
    /// @param peer bytes of its id
    /// @param signedRecord its record in the envelope that it signed; empty if the teller has none
    public record Suggested(byte[] peer, byte[] signedRecord) {}

    static Rpc empty() {
        return new Rpc(
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>(),
                new ArrayList<>());
    }

    static Rpc of(GossipMessage message) {
        return of(List.of(message));
    }

    /// Nothing but messages.
    public static Rpc of(List<GossipMessage> messages) {
        Rpc rpc = empty();
        rpc.messages.addAll(messages);
        return rpc;
    }

    /// All but the messages, which are these.
    public Rpc with(List<GossipMessage> others) {
        return new Rpc(subscriptions, others, have, want, graft, prune, dontWant);
    }

    boolean isEmpty() {
        return subscriptions.isEmpty()
                && messages.isEmpty()
                && have.isEmpty()
                && want.isEmpty()
                && graft.isEmpty()
                && prune.isEmpty()
                && dontWant.isEmpty();
    }

    /// Whether both sides would disagree for good if it were lost: who follows what, and who is in whose mesh.
    public boolean isVital() {
        return !subscriptions.isEmpty() || !graft.isEmpty() || !prune.isEmpty();
    }

    /// Topics, ids and records that are longer than any proper one are left out, and so are messages with such fields:
    /// whoever passes them on need not be who made them.
    ///
    /// @throws IllegalArgumentException if the bytes are no RPC or hold more entries than any proper one
    public static Rpc parse(byte[] bytes) {
        return new RpcParser().parse(bytes);
    }

    public byte[] bytes() {
        var out = new ProtoWriter();
        subscriptions.forEach(s ->
                out.message(1, new ProtoWriter().varint(1, s.subscribe ? 1 : 0).text(2, s.topic)));
        messages.forEach(m -> out.message(2, m.message()));
        var control = new ProtoWriter();
        for (Have h : have) {
            var entry = new ProtoWriter().text(1, h.topic);
            h.ids.forEach(id -> entry.bytes(2, id.getBytes(StandardCharsets.ISO_8859_1)));
            control.message(1, entry);
        }
        ids(control, 2, want);
        graft.forEach(t -> control.message(3, new ProtoWriter().text(1, t)));
        for (Prune p : prune) {
            var entry = new ProtoWriter().text(1, p.topic);
            p.others.forEach(
                    o -> entry.message(2, new ProtoWriter().bytes(1, o.peer).bytes(2, o.signedRecord)));
            control.message(4, entry.varint(3, p.backoffSeconds));
        }
        ids(control, 5, dontWant);
        byte[] controls = control.toBytes();
        if (controls.length > 0) {
            out.bytes(3, controls);
        }
        return out.toBytes();
    }

    private static void ids(ProtoWriter control, int field, List<String> ids) {
        if (!ids.isEmpty()) {
            var entry = new ProtoWriter();
            ids.forEach(id -> entry.bytes(1, id.getBytes(StandardCharsets.ISO_8859_1)));
            control.message(field, entry);
        }
    }
}
