package network.mycelium.repository.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 as 64 lower-case hexadecimal digits.
final class Sha256 {
    private static final int PIECE = 64 << 10;

    private Sha256() {}

    static String of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    static String of(byte[] bytes, int offset, int length) {
        MessageDigest digest = digest();
        digest.update(bytes, offset, length);
        return of(digest);
    }

    /// Of so many bytes of a file; it is not held.
    static String of(FileChannel file, long offset, long length) throws IOException {
        MessageDigest digest = digest();
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, length));
        for (long done = 0; done < length; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), length - done));
            int n = file.read(piece, offset + done);
            if (n < 0) {
                break;
            }
            digest.update(piece.flip());
            done += n;
        }
        return of(digest);
    }

    static String of(Path file) throws IOException {
        try (var channel = FileChannel.open(file)) {
            return of(channel, 0, channel.size());
        }
    }

    static String of(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
