package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import network.mycelium.storage.StorageException;

/// The bytes with which a file of a store begins: letters that say what it is, and two digits for its format.
public record Magic(String text) {
    private static final int DIGITS = 2;

    public byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Refuses a file of the same kind in another format. One that begins with anything else is damaged, which is not
    /// judged here.
    ///
    /// @param name of the file
    public void check(Disk disk, String name, DiskFile file) throws IOException {
        byte[] begin = new byte[text.length()];
        file.read(ByteBuffer.wrap(begin), 0);
        String found = new String(begin, StandardCharsets.ISO_8859_1);
        int kind = text.length() - DIGITS;
        boolean digits = found.substring(kind).chars().allMatch(c -> c >= '0' && c <= '9');
        if (found.startsWith(text.substring(0, kind)) && digits && !found.equals(text)) {
            throw new StorageException(
                    "%s in %s has format %s, and this version knows %s alone. It is left as it is. Start the version that wrote it, or remove the store."
                            .formatted(name, disk.place(), found, text),
                    null);
        }
    }
}
