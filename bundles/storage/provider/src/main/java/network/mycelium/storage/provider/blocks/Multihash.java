package network.mycelium.storage.provider.blocks;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import network.mycelium.storage.Blocks;

/// Checks blocks by the hash functions that Java has, under the codes of multiformats/multicodec.
final class Multihash {
    private static final int IDENTITY = 0x00;
    private static final int SHA_256 = 0x12;
    private static final Map<Integer, String> FUNCTIONS = Map.of(
            0x11,
            "SHA-1",
            SHA_256,
            "SHA-256",
            0x13,
            "SHA-512",
            0x20,
            "SHA-384",
            0x14,
            "SHA3-512",
            0x15,
            "SHA3-384",
            0x16,
            "SHA3-256",
            0x17,
            "SHA3-224");

    private final int code;
    private final byte[] digest;

    private Multihash(int code, byte[] digest) {
        this.code = code;
        this.digest = digest;
    }

    /// @throws IllegalArgumentException if these bytes are none
    static Multihash of(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        long code = varint(in);
        long length = varint(in);
        if (bytes.length > Blocks.MAX_KEY || code < 0 || code > Integer.MAX_VALUE || length != in.remaining()) {
            throw new IllegalArgumentException(
                    "%d bytes were given that are no multihash: code and length as varints, then so many bytes, %d together at most"
                            .formatted(bytes.length, Blocks.MAX_KEY));
        }
        return new Multihash((int) code, Arrays.copyOfRange(bytes, in.position(), bytes.length));
    }

    /// @return -1 if there is none
    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 63 && in.hasRemaining(); shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return -1;
    }

    static byte[] sha256(byte[] block) {
        byte[] digest = digest("SHA-256", block);
        return ByteBuffer.allocate(2 + digest.length)
                .put((byte) SHA_256)
                .put((byte) digest.length)
                .put(digest)
                .array();
    }

    /// Whether a block has this hash; true as well if Java does not know the function.
    boolean fits(byte[] block) {
        if (code == IDENTITY) {
            return Arrays.equals(digest, block);
        }
        String function = FUNCTIONS.get(code);
        if (function == null) {
            return true;
        }
        byte[] whole = digest(function, block);
        return digest.length <= whole.length && Arrays.equals(digest, Arrays.copyOf(whole, digest.length));
    }

    private static byte[] digest(String function, byte[] block) {
        try {
            return MessageDigest.getInstance(function).digest(block);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + function, e);
        }
    }
}
