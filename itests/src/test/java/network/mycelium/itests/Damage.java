package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.Random;

/// What can happen to a file of a node's home.
enum Damage {
    EMPTY,
    TRUNCATED,
    BIT_FLIPPED,
    GARBAGE,
    REMOVED,
    READ_ONLY,
    OWNED_BY_ANOTHER;

    /// @param other a user that the node is not run as
    void apply(Path file, Random random, UserPrincipal other) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (this) {
            case EMPTY -> Files.write(file, new byte[0]);
            case TRUNCATED -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            case BIT_FLIPPED -> {
                if (bytes.length > 0) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    Files.write(file, bytes);
                }
            }
            case GARBAGE -> {
                byte[] garbage = new byte[Math.max(100, Math.min(bytes.length, 100_000))];
                random.nextBytes(garbage);
                Files.write(file, garbage);
            }
            case REMOVED -> Files.delete(file);
            case READ_ONLY -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            case OWNED_BY_ANOTHER -> {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                Files.setOwner(file, other);
            }
        }
    }
}
