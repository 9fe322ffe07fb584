package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.NodeKeys;

/// The next key in a file beside that of the present one, under the same passphrase.
public final class FileNodeKeys implements NodeKeys {
    private final Path present;
    private final Path next;
    private final Optional<Passphrase> passphrase;

    /// @param present the file of the node's key
    FileNodeKeys(Path present, Optional<Passphrase> passphrase) {
        this.present = present;
        this.next = present.resolveSibling(present.getFileName() + ".next");
        this.passphrase = passphrase;
    }

    /// Keys that are under no passphrase.
    public FileNodeKeys(Path present) {
        this(present, Optional.empty());
    }

    @Override
    public synchronized Envelopes prepare() throws IOException {
        AtomicFiles.delete(next);
        return new NodeEnvelopes(KeyFile.readOrMake(next, passphrase));
    }

    @Override
    public synchronized void adopt() throws IOException {
        AtomicFiles.move(next, present);
    }
}
