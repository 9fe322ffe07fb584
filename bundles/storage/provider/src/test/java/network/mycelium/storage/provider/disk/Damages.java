package network.mycelium.storage.provider.disk;

import java.util.Arrays;
import java.util.Random;

/// What becomes of a file by chance: bits flip, ends go, noise and zeros come, parts of it stand at another place.
public final class Damages {
    /// How many kinds there are of [#damage].
    public static final int KINDS = 5;

    private Damages() {}

    /// @param kind 0 to [#KINDS], the last one not
    public static void damage(PowerDisk disk, String name, int kind, Random random) {
        byte[] bytes = disk.bytes(name);
        int at = random.nextInt(bytes.length);
        switch (kind) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> disk.bytes(name, Arrays.copyOf(bytes, at));
            case 2 -> {
                byte[] noise = new byte[random.nextInt(bytes.length - at + 1)];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, noise.length);
            }
            case 3 -> Arrays.fill(bytes, at, at + random.nextInt(bytes.length - at + 1), (byte) 0);
            case 4 -> {
                int length = random.nextInt(bytes.length - at + 1);
                System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
            }
            default -> throw new IllegalArgumentException("There is no damage " + kind);
        }
    }

    /// Noise beyond its end.
    public static void lengthen(PowerDisk disk, String name, Random random) {
        byte[] bytes = disk.bytes(name);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + random.nextInt(3000));
        random.nextBytes(longer);
        System.arraycopy(bytes, 0, longer, 0, bytes.length);
        disk.bytes(name, longer);
    }
}
