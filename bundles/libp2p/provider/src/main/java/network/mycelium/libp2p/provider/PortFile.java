package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import network.mycelium.files.AtomicFiles;
import network.mycelium.libp2p.Multiaddr;

/// Which port the node had for each address with port 0, in a text file: `ADDRESS PORT` a line. With it a node comes
/// back where the others know it, even if all of them lost power at once. Without it the node takes any port.
final class PortFile {
    private static final Logger LOG = System.getLogger(PortFile.class.getName());
    private static final int MAX_PORT = 65_535;

    private final Path file;

    PortFile(Path file) {
        this.file = file;
    }

    Map<Multiaddr, Integer> read() {
        Map<Multiaddr, Integer> ports = new HashMap<>();
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).forEach(line -> read(line, ports));
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the ports that this node had cannot be read: " + e.getMessage(), e);
        }
        return ports;
    }

    private void read(String line, Map<Multiaddr, Integer> ports) {
        try {
            String[] words = line.split(" ");
            int port = Integer.parseInt(words[1]);
            if (port < 1 || port > MAX_PORT) {
                throw new IllegalArgumentException("there is no port " + port);
            }
            ports.put(Multiaddr.parse(words[0]), port);
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            LOG.log(Level.WARNING, "a line of {0} is skipped: {1}", file, e.getMessage());
        }
    }

    void write(Map<Multiaddr, Integer> ports) {
        var text = new StringBuilder();
        ports.forEach(
                (address, port) -> text.append(address).append(' ').append(port).append('\n'));
        try {
            AtomicFiles.write(file, text);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the ports that this node has cannot be kept: " + e.getMessage(), e);
        }
    }
}
