package network.mycelium.identity.provider;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.mycelium.identity.Network;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The document that makes a network. Its hash is the network's id, so it needs no signature: another document is
/// another network.
record Genesis(Network network, byte[] bytes) {
    static final int MAX_SIZE = 16 * 1024;
    private static final int MAX_NAME = 64;
    private static final int MAX_FOUNDERS = 64;

    static Genesis make(String name, Instant now, PeerId founder, int threshold) {
        byte[] nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        return parse(new ProtoWriter()
                .varint(1, 1)
                .text(2, name)
                .varint(3, now.toEpochMilli())
                .bytes(4, founder.bytes())
                .varint(5, threshold)
                .bytes(6, nonce)
                .toBytes());
    }

    /// @throws IllegalArgumentException if it is none
    static Genesis parse(byte[] bytes) {
        if (bytes.length > MAX_SIZE) {
            throw new IllegalArgumentException("A genesis document of " + bytes.length + " bytes");
        }
        var in = new ProtoReader(bytes);
        long version = 0;
        String name = "";
        long created = 0;
        long threshold = 0;
        List<PeerId> founders = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> version = in.varint();
                case 2 -> name = in.text();
                case 3 -> created = in.varint();
                case 4 -> founders.add(PeerId.parse(in.bytes()));
                case 5 -> threshold = in.varint();
                default -> {}
            }
        }
        if (version != 1) {
            throw new IllegalArgumentException(
                    "A genesis document of version %d; this node knows version 1".formatted(version));
        }
        if (name.isBlank() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException("A network's name has 1 to %d characters".formatted(MAX_NAME));
        }
        if (founders.isEmpty() || founders.size() > MAX_FOUNDERS || threshold < 1 || threshold > MAX_FOUNDERS) {
            throw new IllegalArgumentException(
                    "A network has 1 to %d founders and asks for 1 to %d signatures, not %d and %d"
                            .formatted(MAX_FOUNDERS, MAX_FOUNDERS, founders.size(), threshold));
        }
        return new Genesis(
                new Network(sha256(bytes), name, Instant.ofEpochMilli(created), List.copyOf(founders), (int) threshold),
                bytes);
    }

    static byte[] digest(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest(bytes));
    }
}
