package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import network.mycelium.libp2p.Multiaddr;

/// Which port the node had for each address with port 0, in a text file: `ADDRESS PORT` a line. With it a node comes
/// back
/// where the others know it, even if all of them lost power at once.
final class PortFile {
    private static final Logger LOG = System.getLogger(PortFile.class.getName());

    private final Path file;

    PortFile(Path file) {
        this.file = file;
    }

    Map<Multiaddr, Integer> read() throws IOException {
        Map<Multiaddr, Integer> ports = new HashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                try {
                    ports.put(Multiaddr.parse(words[0]), Integer.parseInt(words[1]));
                } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                    LOG.log(Level.WARNING, "a line of {0} is skipped: {1}", file, e.getMessage());
                }
            }
        }
        return ports;
    }

    void write(Map<Multiaddr, Integer> ports) throws IOException {
        var text = new StringBuilder();
        ports.forEach(
                (address, port) -> text.append(address).append(' ').append(port).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
