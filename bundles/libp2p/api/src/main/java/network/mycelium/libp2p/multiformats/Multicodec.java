package network.mycelium.libp2p.multiformats;

import java.util.Arrays;
import java.util.Optional;

/// The entries of the multicodec table that this project uses.
public enum Multicodec {
    IDENTITY("identity", 0x00),
    CIDV1("cidv1", 0x01),
    SHA1("sha1", 0x11),
    SHA2_256("sha2-256", 0x12),
    SHA2_512("sha2-512", 0x13),
    SHA3_512("sha3-512", 0x14),
    SHA3_384("sha3-384", 0x15),
    SHA3_256("sha3-256", 0x16),
    SHA3_224("sha3-224", 0x17),
    SHA2_384("sha2-384", 0x20),
    RAW("raw", 0x55),
    DAG_PB("dag-pb", 0x70),
    DAG_CBOR("dag-cbor", 0x71),
    LIBP2P_KEY("libp2p-key", 0x72),
    DAG_JSON("dag-json", 0x0129),
    LIBP2P_PEER_RECORD("libp2p-peer-record", 0x0301),
    JSON("json", 0x0200);

    private final String label;
    private final long code;

    Multicodec(String label, long code) {
        this.label = label;
        this.code = code;
    }

    /// The name in the table.
    public String label() {
        return label;
    }

    public long code() {
        return code;
    }

    public static Optional<Multicodec> of(long code) {
        return Arrays.stream(values()).filter(c -> c.code == code).findFirst();
    }
}
