package network.mycelium.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A digest that tells its own algorithm and length, as in multiformats/multihash.
///
/// @param code the algorithm in the multicodec table
/// @param digest not copied; at most [#MAX_DIGEST] bytes
public record Multihash(long code, byte[] digest) {
    /// Longer digests are refused: no algorithm in use makes them, but an identity hash could carry anything.
    public static final int MAX_DIGEST = 128;

    public Multihash {
        if (code < 0 || digest.length > MAX_DIGEST) {
            throw new IllegalArgumentException("A multihash of algorithm %#x with %d bytes; at most %d"
                    .formatted(code, digest.length, MAX_DIGEST));
        }
    }

    /// @throws IllegalArgumentException if the JDK has no digest of that name
    public static Multihash digest(Multicodec algorithm, byte[] data) {
        return digest(algorithm, data, Integer.MAX_VALUE);
    }

    /// @param length bytes of the digest that are kept
    public static Multihash digest(Multicodec algorithm, byte[] data, int length) {
        byte[] whole = algorithm == Multicodec.IDENTITY ? data.clone() : hash(algorithm, data);
        return new Multihash(algorithm.code(), length >= whole.length ? whole : Arrays.copyOf(whole, length));
    }

    private static byte[] hash(Multicodec algorithm, byte[] data) {
        String name = switch (algorithm) {
            case SHA1 -> "SHA-1";
            case SHA2_256 -> "SHA-256";
            case SHA2_384 -> "SHA-384";
            case SHA2_512 -> "SHA-512";
            case SHA3_224 -> "SHA3-224";
            case SHA3_256 -> "SHA3-256";
            case SHA3_384 -> "SHA3-384";
            case SHA3_512 -> "SHA3-512";
            default -> throw new IllegalArgumentException(algorithm.label() + " is no hash");
        };
        try {
            return MessageDigest.getInstance(name).digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no " + name, e);
        }
    }

    public byte[] bytes() {
        var out = new ByteArrayOutputStream(digest.length + 4);
        Varint.write(code, out);
        Varint.write(digest.length, out);
        out.writeBytes(digest);
        return out.toByteArray();
    }

    /// Reads one multihash and leaves what follows it in the buffer.
    ///
    /// @throws IllegalArgumentException if there is no whole one
    public static Multihash read(ByteBuffer in) {
        long code = Varint.read(in);
        long length = Varint.read(in);
        if (length > MAX_DIGEST || length > in.remaining()) {
            throw new IllegalArgumentException("A multihash says that it has %d bytes; there are %d, and at most %d"
                    .formatted(length, in.remaining(), MAX_DIGEST));
        }
        byte[] digest = new byte[(int) length];
        in.get(digest);
        return new Multihash(code, digest);
    }

    /// @throws IllegalArgumentException if the bytes are not exactly one multihash
    public static Multihash parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Multihash hash = read(in);
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes follow a multihash");
        }
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Multihash that && code == that.code && Arrays.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }
}
