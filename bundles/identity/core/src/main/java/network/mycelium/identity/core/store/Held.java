package network.mycelium.identity.core.store;

import java.util.Set;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// A statement that is kept, with what supports it under the charter that holds.
///
/// @param operators signers that are operators now, without a break since the charter that it names
/// @param validators signers that are validators now, without a break
/// @param roots roots of the charter whose lists name it
public record Held(Document<Statement> document, Set<Key> operators, Set<Key> validators, Set<Hash> roots) {
    public Statement statement() {
        return document.content();
    }
}
