package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import network.mycelium.files.AtomicFiles;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.provider.swarm.PeerBook;

/// The peers that were connected once, in a text file: one line each, `ID SECONDS ADDRESS...`. A line that cannot be
/// read costs that peer alone.
final class PeerFile {
    private static final Logger LOG = System.getLogger(PeerFile.class.getName());
    private static final int MAX_PEERS = 1000;

    private final Path file;

    PeerFile(Path file) {
        this.file = file;
    }

    void read(PeerBook book) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        List<String> lines = Files.readAllLines(file);
        for (String line : lines.subList(0, Math.min(lines.size(), MAX_PEERS))) {
            try {
                String[] words = line.split(" ");
                PeerId peer = PeerId.parse(words[0]);
                List<Multiaddr> addresses = new ArrayList<>();
                for (int i = 2; i < words.length; i++) {
                    addresses.add(Multiaddr.parse(words[i]));
                }
                book.addAddresses(peer, addresses);
                book.seen(peer, Instant.ofEpochSecond(Long.parseLong(words[1])));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                LOG.log(Level.WARNING, "a line of {0} is skipped: {1}", file, e.getMessage());
            }
        }
    }

    synchronized void write(PeerBook book) throws IOException {
        var text = new StringBuilder();
        book.all().stream()
                .filter(peer -> peer.seen().isAfter(Instant.EPOCH))
                .sorted(Comparator.comparing(PeerInfo::seen).reversed())
                .limit(MAX_PEERS)
                .forEach(peer -> {
                    text.append(peer.id()).append(' ').append(peer.seen().getEpochSecond());
                    peer.addresses().forEach(a -> text.append(' ').append(a));
                    text.append('\n');
                });
        AtomicFiles.write(file, text);
    }
}
