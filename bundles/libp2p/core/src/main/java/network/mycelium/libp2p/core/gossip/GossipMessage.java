package network.mycelium.libp2p.core.gossip;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Multicodec;

/// A message of pubsub, signed strictly (libp2p/specs pubsub): with author, sequence number and signature.
///
/// @param from the author's peer id, as bytes
/// @param key the author's public key where its id does not hold it, else empty
public record GossipMessage(byte[] from, byte[] data, byte[] seqno, String topic, byte[] signature, byte[] key) {
    private static final byte[] PREFIX = "libp2p-pubsub:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NONE = {};

    public static GossipMessage sign(NodeKey author, String topic, byte[] seqno, byte[] data) {
        var plain = new GossipMessage(author.peerId().bytes(), data, seqno, topic, NONE, NONE);
        return new GossipMessage(plain.from, data, seqno, topic, author.sign(plain.signed()), NONE);
    }

    static GossipMessage parse(ProtoReader in) {
        byte[] from = NONE;
        byte[] data = NONE;
        byte[] seqno = NONE;
        String topic = "";
        byte[] signature = NONE;
        byte[] key = NONE;
        for (int field; (field = in.next()) != 0; ) {
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
        return new GossipMessage(from, data, seqno, topic, signature, key);
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

    /// Whether its author signed it.
    public boolean verify() {
        try {
            PeerId author = PeerId.parse(from);
            PublicKey publicKey = PublicKey.parse(
                    author.hash().code() == Multicodec.IDENTITY.code()
                            ? author.hash().digest()
                            : key);
            return seqno.length == 8 && publicKey.peerId().equals(author) && publicKey.verify(signed(), signature);
        } catch (IllegalArgumentException e) {
            // No peer id, or no key: nobody signed it.
            return false;
        }
    }

    /// Author and sequence number, one character a byte.
    public String id() {
        return new String(from, StandardCharsets.ISO_8859_1) + new String(seqno, StandardCharsets.ISO_8859_1);
    }
}
