package network.mycelium.identity.provider;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A statement with its signatures, each an envelope over the hash of the very bytes. An instance has been verified:
/// that they are who they say they are, not that they may say it.
///
/// @param network whose statement it is
/// @param payload what was signed
/// @param envelopes by signer
record SignedStatement(String network, Statement statement, byte[] payload, Map<PeerId, byte[]> envelopes) {
    static final int MAX_BODY = 64 * 1024;
    static final int MAX_SIZE = 2 * MAX_BODY;
    private static final int MAX_SIGNERS = 64;
    private static final int MAX_NAME = 256;
    private static final String DOMAIN = "mycelium-statement";
    private static final byte[] TYPE = "statement".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    static SignedStatement sign(
            Envelopes envelopes,
            String network,
            String kind,
            String key,
            long sequence,
            Instant issued,
            Instant expires,
            byte[] body) {
        byte[] payload = new ProtoWriter()
                .text(1, network)
                .text(2, kind)
                .text(3, key)
                .varint(4, sequence)
                .varint(5, issued.toEpochMilli())
                .varint(6, expires.toEpochMilli())
                .bytes(7, body)
                .toBytes();
        return of(payload, Map.of(envelopes.self(), seal(envelopes, payload)));
    }

    private static byte[] seal(Envelopes envelopes, byte[] payload) {
        return envelopes.seal(DOMAIN, TYPE, Genesis.digest(payload));
    }

    SignedStatement approvedBy(Envelopes envelopes) {
        return merged(Map.of(envelopes.self(), seal(envelopes, payload)));
    }

    /// With the signatures of both.
    SignedStatement merged(Map<PeerId, byte[]> more) {
        Map<PeerId, byte[]> all = new LinkedHashMap<>(envelopes);
        more.forEach((signer, envelope) -> {
            if (all.size() < MAX_SIGNERS) {
                all.putIfAbsent(signer, envelope);
            }
        });
        return of(payload, all);
    }

    /// @throws IllegalArgumentException if it is none, or a signature is not over it
    static SignedStatement parse(Envelopes envelopes, byte[] message) {
        if (message.length > MAX_SIZE) {
            throw new IllegalArgumentException("A statement of " + message.length + " bytes");
        }
        var in = new ProtoReader(message);
        byte[] payload = new byte[0];
        List<byte[]> sealed = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> payload = in.bytes();
                case 2 -> sealed.add(in.bytes());
                default -> {}
            }
        }
        if (sealed.isEmpty() || sealed.size() > MAX_SIGNERS) {
            throw new IllegalArgumentException("A statement with " + sealed.size() + " signatures");
        }
        byte[] hash = Genesis.digest(payload);
        Map<PeerId, byte[]> bySigner = new LinkedHashMap<>();
        for (byte[] envelope : sealed) {
            Envelopes.Opened opened = envelopes.open(DOMAIN, envelope);
            if (!Arrays.equals(opened.payload(), hash)) {
                throw new IllegalArgumentException(
                        "A signature by %s is over another statement".formatted(opened.signer()));
            }
            bySigner.put(opened.signer(), envelope);
        }
        return of(payload, bySigner);
    }

    private static SignedStatement of(byte[] payload, Map<PeerId, byte[]> envelopes) {
        var in = new ProtoReader(payload);
        String network = "";
        String kind = "";
        String key = "";
        long sequence = -1;
        long issued = 0;
        long expires = 0;
        byte[] body = new byte[0];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> network = in.text();
                case 2 -> kind = in.text();
                case 3 -> key = in.text();
                case 4 -> sequence = in.varint();
                case 5 -> issued = in.varint();
                case 6 -> expires = in.varint();
                case 7 -> body = in.bytes();
                default -> {}
            }
        }
        if (kind.isEmpty() || key.isEmpty() || kind.length() > MAX_NAME || key.length() > MAX_NAME || sequence < 0) {
            throw new IllegalArgumentException("A statement without kind, key or sequence");
        }
        if (body.length > MAX_BODY) {
            throw new IllegalArgumentException(
                    "A statement with a body of %d bytes; at most %d are allowed".formatted(body.length, MAX_BODY));
        }
        return new SignedStatement(
                network,
                new Statement(
                        kind,
                        key,
                        sequence,
                        Instant.ofEpochMilli(issued),
                        Instant.ofEpochMilli(expires),
                        body,
                        List.copyOf(envelopes.keySet())),
                payload,
                envelopes);
    }

    byte[] toBytes() {
        var out = new ProtoWriter().bytes(1, payload);
        envelopes.values().forEach(envelope -> out.bytes(2, envelope));
        return out.toBytes();
    }

    /// What it is about.
    String id() {
        return id(statement.kind(), statement.key());
    }

    static String id(String kind, String key) {
        return kind + "/" + key;
    }

    String hash() {
        return HexFormat.of().formatHex(Genesis.digest(payload));
    }

    /// Whether it replaces another about the same: by its sequence, and if two were made at once by their hashes, on
    /// every node alike.
    boolean replaces(SignedStatement other) {
        int bySequence = Long.compare(statement.sequence(), other.statement.sequence());
        return bySequence > 0 || bySequence == 0 && hash().compareTo(other.hash()) > 0;
    }
}
