package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Tells what a power cut left unwritten from what was damaged later. A disk writes sectors as a whole, and files
/// are zero where nothing was written yet: so what was torn has a sector of zeros, or ends with the file.
public final class Torn {
    private static final int SECTOR = 512;

    private Torn() {}

    public static boolean looks(Window window, long from, int length) throws IOException {
        if (from + length > window.size()) {
            return true;
        }
        ByteBuffer bytes = window.at(from, length);
        int at = 0;
        while (at < bytes.limit()) {
            int piece = (int) Math.min(SECTOR - (from + at) % SECTOR, bytes.limit() - at);
            if (zero(bytes, at, piece)) {
                return true;
            }
            at += piece;
        }
        return false;
    }

    private static boolean zero(ByteBuffer bytes, int at, int length) {
        for (int i = at; i < at + length; i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
