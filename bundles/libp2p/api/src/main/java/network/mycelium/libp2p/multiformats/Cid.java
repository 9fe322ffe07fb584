package network.mycelium.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// A content identifier, version 0 or 1, as in multiformats/cid.
///
/// @param codec what the content is, in the multicodec table
public record Cid(int version, long codec, Multihash hash) {
    public Cid {
        if (version != 0 && version != 1) {
            throw new IllegalArgumentException("There is no CID of version " + version);
        }
        if (version == 0
                && (codec != Multicodec.DAG_PB.code()
                        || hash.code() != Multicodec.SHA2_256.code()
                        || hash.digest().length != 32)) {
            throw new IllegalArgumentException("A CID of version 0 is the SHA-256 of dag-pb");
        }
    }

    /// A CID of version 1.
    public static Cid of(Multicodec codec, Multihash hash) {
        return new Cid(1, codec.code(), hash);
    }

    /// @throws IllegalArgumentException if the text is no CID
    public static Cid parse(String text) {
        if (text.length() == 46 && text.startsWith("Qm")) {
            return new Cid(0, Multicodec.DAG_PB.code(), Multihash.parse(Multibase.BASE58_BTC.decodeBare(text)));
        }
        Cid cid = parse(Multibase.decode(text).bytes());
        if (cid.version == 0) {
            throw new IllegalArgumentException("A CID of version 0 has no multibase prefix: " + text);
        }
        return cid;
    }

    /// @throws IllegalArgumentException if the bytes are not exactly one CID
    public static Cid parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length == 34 && bytes[0] == 0x12 && bytes[1] == 0x20) {
            return new Cid(0, Multicodec.DAG_PB.code(), Multihash.read(in));
        }
        long version = Varint.read(in);
        if (version != 1) {
            throw new IllegalArgumentException("There is no CID of version " + version);
        }
        Cid cid = new Cid(1, Varint.read(in), Multihash.read(in));
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes follow a CID");
        }
        return cid;
    }

    public byte[] bytes() {
        if (version == 0) {
            return hash.bytes();
        }
        var out = new ByteArrayOutputStream();
        Varint.write(version, out);
        Varint.write(codec, out);
        out.writeBytes(hash.bytes());
        return out.toByteArray();
    }

    /// In the usual base: base58btc for version 0, base32 for version 1.
    @Override
    public String toString() {
        return version == 0 ? Multibase.BASE58_BTC.encodeBare(hash.bytes()) : Multibase.BASE32.encode(bytes());
    }
}
