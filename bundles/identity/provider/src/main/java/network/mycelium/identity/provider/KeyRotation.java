package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Network;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;

/// Gives this node another key. Killed at any moment, it has afterwards either key, and the network knows which: what
/// says so lies in a file of its own before the new key takes its place, and counts only for a node that has that key.
final class KeyRotation {
    static final Duration FOREVER = Duration.ofDays(100 * 365);

    private final Path file;
    private final Envelopes present;
    private final Network network;
    private final SpreadStatements statements;

    /// @param folder where what this node knows of its network lies
    KeyRotation(Path folder, Envelopes present, Network network, SpreadStatements statements) {
        this.file = folder.resolve("rotation");
        this.present = present;
        this.network = network;
        this.statements = statements;
    }

    /// From now on the network knows this node by the next key, and the node has that as soon as it starts again.
    PeerId rotate(NodeKeys keys, Instant now) throws IdentityException {
        if (!statements.read(book -> book.members().isMember(present.self()))) {
            throw new IdentityException(
                    Kind.DENIED, "This node is no member of %s any more.".formatted(network.name()));
        }
        try {
            Envelopes next = keys.prepare();
            SignedStatement rotation = RotationCodec.own(present, next, network.id(), now, now.plus(FOREVER));
            StatementFile.replace(file, rotation.toBytes());
            keys.adopt();
            statements.say(rotation, "rotate");
            return next.self();
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The key cannot be replaced: " + e.getMessage(), e);
        }
    }

    /// After a start: what was begun either took place or did not.
    void finish() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        Statement rotation = SignedStatement.parse(present, bytes).statement();
        boolean happened = RotationCodec.rotation(rotation).next().equals(present.self());
        // Known: it is kept with all the others.
        if (!happened || statements.take(bytes) instanceof StatementBook.Outcome.Known) {
            Files.delete(file);
        }
    }
}
