package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.store.MemberState;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Gives this node another key. Killed at any moment, it has afterwards either key, and the network knows which: what
/// says so lies in a file of its own before the new key takes its place, and counts only for a node that has that
/// key.
final class KeyRotation {
    private static final Logger LOG = System.getLogger(KeyRotation.class.getName());

    private final Path file;
    private final NodeSigner present;
    private final NetworkDocuments documents;

    /// What else must be said of the next key: an operator's charter.
    interface Amendment {
        /// @return items, in the order in which they are to be taken
        List<byte[]> with(NodeSigner next) throws IdentityException;
    }

    /// @param folder where what this node knows of its network lies
    KeyRotation(Path folder, NodeSigner present, NetworkDocuments documents) {
        this.file = folder.resolve("rotation");
        this.present = present;
        this.documents = documents;
    }

    /// From now on the network knows this node by the next key, and the node has that as soon as it starts again.
    PeerId rotate(NodeKeys keys, Amendment amendment) throws IdentityException {
        PeerId self = NodeSigner.peer(present.key());
        if (!documents.view(view -> view.isMember(self))) {
            throw new IdentityException(
                    Kind.DENIED,
                    "This node is no member of %s any more."
                            .formatted(documents.genesis().content().name()));
        }
        Optional<MemberState> state = documents
                .view(view -> view.state(self))
                .filter(s -> s.key().filter(present.key()::equals).isPresent());
        try {
            Envelopes prepared = keys.prepare();
            var next = new NodeSigner(prepared);
            List<byte[]> items = new ArrayList<>();
            state.ifPresent(s -> items.add(rotation(s, next)));
            items.addAll(amendment.with(next));
            var out = new ProtoWriter().bytes(1, next.key().message());
            items.forEach(item -> out.bytes(2, item));
            AtomicFiles.writePrivate(file, out.toBytes());
            keys.adopt();
            items.forEach(documents::say);
            return prepared.self();
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The key cannot be replaced: " + e.getMessage(), e);
        }
    }

    private byte[] rotation(MemberState state, NodeSigner next) {
        byte[] document = new Rotation(
                        documents.genesis().hash(), state.id(), state.member().generation(), present.key(), next.key())
                .toBytes();
        Hash hash = Hash.sha256(document);
        return new Item.OfRotation(Signed.of(
                        document,
                        List.of(present.sign(SigningInput.ROTATION, hash), next.sign(SigningInput.ROTATION, hash))))
                .toBytes();
    }

    /// After a start: what was begun either took place or did not.
    void finish() throws IOException {
        if (Files.exists(file)) {
            try {
                finish(Files.readAllBytes(file));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "{0} is damaged and void: {1}", file, e.getMessage());
                Files.delete(file);
            }
        }
    }

    private void finish(byte[] bytes) throws IOException {
        var in = new ProtoReader(bytes);
        byte[] next = {};
        List<byte[]> items = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> next = in.bytes();
                case 2 -> items.add(in.bytes());
                default -> {}
            }
        }
        boolean happened = Arrays.equals(next, present.key().message());
        boolean news = false;
        for (byte[] item : happened ? items : List.<byte[]>of()) {
            news |= documents.say(item) instanceof Outcome.Kept;
        }
        // Void, or kept with all the others: known when it is looked at the next time.
        if (!news) {
            Files.delete(file);
        }
    }
}
