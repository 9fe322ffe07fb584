package network.mycelium.libp2p.core.gossip;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.core.gossip.Rpc.Have;
import network.mycelium.libp2p.core.gossip.Rpc.Prune;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.wire.ProtoReader;

/// Reads one RPC. Each entry is counted before anything is made of it, and what is too long is left out before it is
/// copied, so that an RPC takes little more memory than its bytes.
final class RpcParser {
    /// Topics and message ids.
    static final int MAX_TEXT = 1024;
    /// A peer's record in its envelope.
    static final int MAX_RECORD = 8 << 10;

    private static final int MAX_ENTRIES = 20_000;
    private static final int MAX_SUGGESTED = 64;

    private final Rpc rpc = Rpc.empty();
    private int entries;

    /// @throws IllegalArgumentException if the bytes are no RPC, or hold too many entries
    Rpc parse(byte[] bytes) {
        var in = new ProtoReader(bytes);
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> subscription(entry(in));
                case 2 -> GossipMessage.parse(entry(in)).ifPresent(rpc.messages()::add);
                case 3 -> control(entry(in));
                default -> {}
            }
        }
        return rpc;
    }

    private ProtoReader entry(ProtoReader in) {
        count();
        return in.message();
    }

    private void count() {
        if (++entries > MAX_ENTRIES) {
            throw new IllegalArgumentException("An RPC has more than " + MAX_ENTRIES + " entries");
        }
    }

    private void subscription(ProtoReader in) {
        boolean subscribe = false;
        String topic = "";
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> subscribe = in.varint() != 0;
                case 2 -> topic = topicName(in);
                default -> {}
            }
        }
        if (topic != null) {
            rpc.subscriptions().add(new Subscription(subscribe, topic));
        }
    }

    private void control(ProtoReader in) {
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> have(entry(in));
                case 2 -> ids(entry(in), rpc.want());
                case 3 -> graft(entry(in));
                case 4 -> prune(entry(in));
                case 5 -> ids(entry(in), rpc.dontWant());
                default -> {}
            }
        }
    }

    /// @return null if it is too long to be one
    private static String topicName(ProtoReader in) {
        return in.length() > MAX_TEXT ? null : in.text();
    }

    private void id(ProtoReader in, List<String> ids) {
        count();
        if (in.length() <= MAX_TEXT) {
            ids.add(new String(in.bytes(), StandardCharsets.ISO_8859_1));
        }
    }

    private void ids(ProtoReader in, List<String> ids) {
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                id(in, ids);
            }
        }
    }

    private void have(ProtoReader in) {
        String topic = "";
        List<String> ids = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> topic = topicName(in);
                case 2 -> id(in, ids);
                default -> {}
            }
        }
        if (topic != null) {
            rpc.have().add(new Have(topic, ids));
        }
    }

    private void graft(ProtoReader in) {
        String topic = "";
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                topic = topicName(in);
            }
        }
        if (topic != null) {
            rpc.graft().add(topic);
        }
    }

    private void prune(ProtoReader in) {
        String topic = "";
        List<Suggested> others = new ArrayList<>();
        long backoff = 0;
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> topic = topicName(in);
                case 2 -> suggested(entry(in), others);
                case 3 -> backoff = in.varint();
                default -> {}
            }
        }
        if (topic != null) {
            rpc.prune().add(new Prune(topic, others, backoff));
        }
    }

    private static void suggested(ProtoReader in, List<Suggested> others) {
        byte[] peer = {};
        byte[] signedRecord = {};
        for (int field; others.size() < MAX_SUGGESTED && (field = in.next()) != 0; ) {
            if (field != 1 && field != 2) {
                continue;
            }
            if (in.length() > (field == 1 ? GossipMessage.MAX_AUTHOR : MAX_RECORD)) {
                return;
            }
            if (field == 1) {
                peer = in.bytes();
            } else {
                signedRecord = in.bytes();
            }
        }
        if (others.size() < MAX_SUGGESTED) {
            others.add(new Suggested(peer, signedRecord));
        }
    }
}
