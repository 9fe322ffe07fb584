package network.mycelium.identity.core.document;

import network.mycelium.identity.core.wire.Hash;

/// A document with the exact bytes that it came in, which are never written anew. Equal by its hash.
///
/// @param bytes not copied; not to be changed
public record Document<T>(T content, byte[] bytes, Hash hash) {
    public static Document<Charter> charter(byte[] bytes) {
        return new Document<>(Charter.parse(bytes), bytes, Hash.sha256(bytes));
    }

    public static Document<Genesis> genesis(byte[] bytes) {
        return new Document<>(Genesis.parse(bytes), bytes, Hash.sha256(bytes));
    }

    public static Document<Statement> statement(byte[] bytes) {
        return new Document<>(Statement.parse(bytes), bytes, Hash.sha256(bytes));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document<?> that && hash.equals(that.hash);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }
}
