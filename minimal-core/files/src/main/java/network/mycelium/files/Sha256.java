package network.mycelium.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256, which every Java has, as 64 lower-case hexadecimal digits.
public final class Sha256 {
    private static final int BUFFER = 64 << 10;

    private Sha256() {}

    public static String of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    public static String of(byte[] bytes, int offset, int length) {
        var digest = start();
        digest.update(bytes, offset, length);
        return finish(digest);
    }

    /// Of a file of any size; it is not held in memory.
    public static String of(Path file) throws IOException {
        var digest = start();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return finish(digest);
    }

    /// A digest to be fed piece by piece.
    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    public static String finish(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
