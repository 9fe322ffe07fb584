package network.mycelium.libp2p.core.record;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.keys.RepeatedStatements;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Varint;

/// A signed envelope (libp2p RFC 0002): a payload with its signer, bound to a domain so that it cannot be taken for
/// something else. An instance has been verified.
///
/// @param payloadType a multicodec, as bytes
public record Envelope(PublicKey signer, byte[] payloadType, byte[] payload) {
    /// @return the protobuf message Envelope
    public static byte[] seal(NodeKey key, String domain, byte[] payloadType, byte[] payload) {
        return new ProtoWriter()
                .bytes(1, key.publicKey().message())
                .bytes(2, payloadType)
                .bytes(3, payload)
                .bytes(5, key.sign(signed(domain, payloadType, payload)))
                .toBytes();
    }

    /// @throws IllegalArgumentException if it is no envelope, or its signature is not over this domain
    public static Envelope open(String domain, byte[] message) {
        var in = new ProtoReader(message);
        byte[] key = new byte[0];
        byte[] type = new byte[0];
        byte[] payload = new byte[0];
        byte[] signature = new byte[0];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> key = in.bytes();
                case 2 -> type = in.bytes();
                case 3 -> payload = in.bytes();
                case 5 -> signature = in.bytes();
                default -> {}
            }
        }
        PublicKey signer = PublicKey.parse(key);
        if (!RepeatedStatements.SHARED.verify(signer, signed(domain, type, payload), signature)) {
            throw new IllegalArgumentException(
                    "An envelope is not signed by %s for the domain %s".formatted(signer, domain));
        }
        return new Envelope(signer, type, payload);
    }

    private static byte[] signed(String domain, byte[] type, byte[] payload) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : new byte[][] {domain.getBytes(StandardCharsets.UTF_8), type, payload}) {
            Varint.write(part.length, out);
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Envelope that
                && signer.equals(that.signer)
                && Arrays.equals(payloadType, that.payloadType)
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(payload);
    }
}
