package network.mycelium.identity.core.wire;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256, as a value. Orders as unsigned bytes.
public record Hash(long a, long b, long c, long d) implements Comparable<Hash> {
    public static final int SIZE = 32;

    /// @throws MalformedDocument unless there are 32 bytes
    public static Hash of(byte[] bytes) {
        if (bytes.length != SIZE) {
            throw new MalformedDocument("a hash has 32 bytes, not " + bytes.length);
        }
        var in = ByteBuffer.wrap(bytes);
        return new Hash(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    /// The SHA-256 of the parts one after the other.
    public static Hash sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return of(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /// @param hex 64 digits
    public static Hash parse(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(SIZE)
                .putLong(a)
                .putLong(b)
                .putLong(c)
                .putLong(d)
                .array();
    }

    @Override
    public int compareTo(Hash that) {
        int order = Long.compareUnsigned(a, that.a);
        order = order != 0 ? order : Long.compareUnsigned(b, that.b);
        order = order != 0 ? order : Long.compareUnsigned(c, that.c);
        return order != 0 ? order : Long.compareUnsigned(d, that.d);
    }

    @Override
    public int hashCode() {
        // The bytes are even already, but for those that somebody chose.
        long mixed = (a ^ Long.rotateLeft(b, 21) ^ Long.rotateLeft(c, 42) ^ d) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }

    /// 64 hex digits.
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }
}
