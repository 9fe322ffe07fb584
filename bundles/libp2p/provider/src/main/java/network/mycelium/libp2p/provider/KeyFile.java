package network.mycelium.libp2p.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.libp2p.core.keys.NodeKey;

/// The node's key in a file: the protobuf message PrivateKey, as other implementations keep it, or that under a
/// passphrase. Whoever has it is this node, so only its owner may read it.
final class KeyFile {
    private static final int MAX_BYTES = 1024;

    private KeyFile() {}

    /// Reads the key, or makes one when there is none yet.
    ///
    /// @param passphrase locks the file, if it is not locked yet
    /// @throws IOException saying what is wrong with the file; it is never replaced
    static NodeKey readOrMake(Path file, Optional<Passphrase> passphrase) throws IOException {
        if (!Files.exists(file)) {
            byte[] seed = new byte[NodeKey.SEED_SIZE];
            new SecureRandom().nextBytes(seed);
            byte[] message = new NodeKey(seed).message();
            AtomicFiles.writePrivate(file, passphrase.map(p -> p.lock(message)).orElse(message));
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("%s is no key: it has more than %d bytes".formatted(file, MAX_BYTES));
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            if (!Passphrase.isLocked(bytes)) {
                NodeKey key = NodeKey.parse(bytes);
                if (passphrase.isPresent()) {
                    AtomicFiles.writePrivate(file, passphrase.get().lock(bytes));
                }
                return key;
            }
            Passphrase known = passphrase.orElseThrow(
                    () -> new IOException("%s is locked with a passphrase; name a file that has it in $%s"
                            .formatted(file, Passphrase.VARIABLE)));
            return NodeKey.parse(unlock(file, known, bytes));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "%s cannot be used: %s. Put the right file back; without it this node is another one."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static byte[] unlock(Path file, Passphrase passphrase, byte[] bytes) throws IOException {
        try {
            return passphrase.unlock(bytes);
        } catch (IOException e) {
            throw new IOException("%s cannot be unlocked: %s".formatted(file, e.getMessage()), e);
        }
    }
}
