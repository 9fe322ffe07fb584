package network.mycelium.libp2p.core.gossip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.core.wire.ProtoReader;
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
    private static final int MAX_ENTRIES = 20_000;
    private static final int MAX_SUGGESTED = 64;

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
        Rpc rpc = empty();
        rpc.messages.add(message);
        return rpc;
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

    /// Takes in another one's content.
    void add(Rpc other) {
        subscriptions.addAll(other.subscriptions);
        messages.addAll(other.messages);
        have.addAll(other.have);
        want.addAll(other.want);
        graft.addAll(other.graft);
        prune.addAll(other.prune);
        dontWant.addAll(other.dontWant);
    }

    /// @throws IllegalArgumentException if the bytes are no RPC or hold more entries than any proper one
    public static Rpc parse(byte[] bytes) {
        Rpc rpc = empty();
        var in = new ProtoReader(bytes);
        int entries = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> rpc.subscriptions.add(subscription(in.message()));
                case 2 -> rpc.messages.add(GossipMessage.parse(in.message()));
                case 3 -> entries += rpc.control(in.message(), entries);
                default -> {}
            }
            bound(++entries);
        }
        return rpc;
    }

    private static void bound(int entries) {
        if (entries > MAX_ENTRIES) {
            throw new IllegalArgumentException("An RPC has more than " + MAX_ENTRIES + " entries");
        }
    }

    private static Subscription subscription(ProtoReader in) {
        boolean subscribe = false;
        String topic = "";
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> subscribe = in.varint() != 0;
                case 2 -> topic = in.text();
                default -> {}
            }
        }
        return new Subscription(subscribe, topic);
    }

    private int control(ProtoReader in, int before) {
        int entries = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> {
                    Have h = have(in.message());
                    entries += h.ids.size();
                    have.add(h);
                }
                case 2 -> entries += ids(in.message(), 1, want);
                case 3 -> graft.add(topic(in.message()));
                case 4 -> prune.add(prune(in.message()));
                case 5 -> entries += ids(in.message(), 1, dontWant);
                default -> {}
            }
            bound(before + ++entries);
        }
        return entries;
    }

    private static int ids(ProtoReader in, int number, List<String> ids) {
        int before = ids.size();
        for (int field; (field = in.next()) != 0; ) {
            if (field == number) {
                ids.add(new String(in.bytes(), StandardCharsets.ISO_8859_1));
            }
        }
        return ids.size() - before;
    }

    private static Have have(ProtoReader in) {
        String topic = "";
        List<String> ids = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> topic = in.text();
                case 2 -> ids.add(new String(in.bytes(), StandardCharsets.ISO_8859_1));
                default -> {}
            }
        }
        return new Have(topic, ids);
    }

    private static String topic(ProtoReader in) {
        String topic = "";
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                topic = in.text();
            }
        }
        return topic;
    }

    private static Prune prune(ProtoReader in) {
        String topic = "";
        List<Suggested> others = new ArrayList<>();
        long backoff = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> topic = in.text();
                case 2 -> {
                    Suggested other = suggested(in.message());
                    if (others.size() < MAX_SUGGESTED) {
                        others.add(other);
                    }
                }
                case 3 -> backoff = in.varint();
                default -> {}
            }
        }
        return new Prune(topic, others, backoff);
    }

    private static Suggested suggested(ProtoReader in) {
        byte[] peer = {};
        byte[] signedRecord = {};
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> peer = in.bytes();
                case 2 -> signedRecord = in.bytes();
                default -> {}
            }
        }
        return new Suggested(peer, signedRecord);
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
