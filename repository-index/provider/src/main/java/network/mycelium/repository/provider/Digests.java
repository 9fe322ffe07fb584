package network.mycelium.repository.provider;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import network.mycelium.repository.BundleRef;

/// SHA-256, which every Java has.
final class Digests {
    private Digests() {}

    /// Of each chunk.
    static List<String> chunks(byte[] bytes) {
        List<String> all = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += BundleRef.CHUNK) {
            all.add(sha256(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + BundleRef.CHUNK))));
        }
        return List.copyOf(all);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 in this Java", e);
        }
    }
}
