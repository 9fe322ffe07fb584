package network.mycelium.libp2p.core.gossip;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Multicodec;

/// A message of pubsub, signed strictly (libp2p/specs pubsub): with author, sequence number and signature.
///
/// @param from the author's peer id, as bytes
/// @param key the author's public key; empty where it did not come with the message, as its id may hold it
public record GossipMessage(byte[] from, byte[] data, byte[] seqno, String topic, byte[] signature, byte[] key) {
    private static final byte[] PREFIX = "libp2p-pubsub:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NONE = {};
    /// A peer id of a key that is hashed has 34 bytes, one that holds its key up to 44.
    static final int MAX_AUTHOR = 128;

    private static final int SEQNO = 8;
    /// Of an RSA key of 8,192 bits.
    private static final int MAX_SIGNATURE = 1024;

    private static final int MAX_KEY = 4 << 10;
    private static final int OVERHEAD = 256;
    /// The longest [#id()].
    static final int MAX_ID = MAX_AUTHOR + SEQNO;

    public static GossipMessage sign(NodeKey author, String topic, byte[] seqno, byte[] data) {
        var plain = new GossipMessage(author.peerId().bytes(), data, seqno, topic, NONE, NONE);
        return new GossipMessage(plain.from, data, seqno, topic, author.sign(plain.signed()), NONE);
    }

    /// @return empty if a field is longer than any proper one, or the sequence number has not eight bytes
    static Optional<GossipMessage> parse(ProtoReader in) {
        byte[] from = NONE;
        byte[] data = NONE;
        byte[] seqno = NONE;
        String topic = "";
        byte[] signature = NONE;
        byte[] key = NONE;
        for (int field; (field = in.next()) != 0; ) {
            if (field <= 6 && in.length() > maxLength(field)) {
                return Optional.empty();
            }
            switch (field) {
                case 1 -> from = in.bytes();
                case 2 -> data = in.bytes();
                case 3 -> seqno = in.bytes();
                case 4 -> topic = in.text();
                case 5 -> signature = in.bytes();
                case 6 -> key = in.bytes();
                default -> {}
            }
        }
        return seqno.length == SEQNO
                ? Optional.of(new GossipMessage(from, data, seqno, topic, signature, key))
                : Optional.empty();
    }

    private static int maxLength(int field) {
        return switch (field) {
            case 1 -> MAX_AUTHOR;
            case 3 -> SEQNO;
            case 4 -> RpcParser.MAX_TEXT;
            case 5 -> MAX_SIGNATURE;
            case 6 -> MAX_KEY;
            default -> Integer.MAX_VALUE;
        };
    }

    private ProtoWriter fields() {
        return new ProtoWriter().bytes(1, from).bytes(2, data).bytes(3, seqno).text(4, topic);
    }

    ProtoWriter message() {
        ProtoWriter message = fields().bytes(5, signature);
        return key.length == 0 ? message : message.bytes(6, key);
    }

    private byte[] signed() {
        var out = new ByteArrayOutputStream(data.length + 128);
        out.writeBytes(PREFIX);
        out.writeBytes(fields().toBytes());
        return out.toByteArray();
    }

    /// Whether its author signed it, as go-libp2p-pubsub sees it: what it refuses is not passed on, and what it passes
    /// on is not refused.
    public boolean verify() {
        try {
            return signer(PeerId.parse(from)).verify(signed(), signature);
        } catch (IllegalArgumentException e) {
            // No peer id, or no key of that peer: nobody signed it.
            return false;
        }
    }

    /// The key that comes with the message must be the author's, also where the author's id holds it.
    private PublicKey signer(PeerId author) {
        if (key.length == 0) {
            if (author.hash().code() != Multicodec.IDENTITY.code()) {
                throw new IllegalArgumentException("The author's id holds no key, and none came with the message");
            }
            return PublicKey.parse(author.hash().digest());
        }
        PublicKey sent = PublicKey.parse(key);
        if (!sent.peerId().equals(author)) {
            throw new IllegalArgumentException("The key that came with the message is not the author's");
        }
        return sent;
    }

    /// About how much memory it takes.
    int weight() {
        return OVERHEAD + from.length + data.length + topic.length() + signature.length + key.length;
    }

    /// Author and sequence number, one character a byte.
    public String id() {
        return new String(from, StandardCharsets.ISO_8859_1) + new String(seqno, StandardCharsets.ISO_8859_1);
    }
}
