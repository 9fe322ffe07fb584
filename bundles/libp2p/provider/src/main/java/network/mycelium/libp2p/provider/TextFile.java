package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Small texts that a node keeps.
final class TextFile {
    private TextFile() {}

    /// Whoever reads the file finds the old text or the new one.
    static void replace(Path file, CharSequence text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
