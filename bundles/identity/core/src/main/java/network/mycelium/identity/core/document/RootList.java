package network.mycelium.identity.core.document;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;

/// The statements that stand by a root of a charter, whoever signed them: their hashes, sorted, one after the other.
/// Its
/// SHA-256 is the root. An empty list is one, too.
///
/// @param statements sorted, each once
public record RootList(List<Hash> statements) {
    /// Of a list: 32,768 statements.
    public static final int MAX_SIZE = 1 << 20;

    public static final int MAX_STATEMENTS = MAX_SIZE / Hash.SIZE;

    public RootList {
        statements = List.copyOf(statements);
    }

    /// @throws IllegalArgumentException if there are more than [#MAX_STATEMENTS]
    public static RootList of(Collection<Hash> statements) {
        Fields.require(
                statements.size() <= MAX_STATEMENTS,
                "a list has at most %d statements: divide it".formatted(MAX_STATEMENTS));
        return new RootList(List.copyOf(new TreeSet<>(statements)));
    }

    /// @throws network.mycelium.identity.core.wire.MalformedDocument if it is none, or not sorted
    public static RootList parse(byte[] bytes) {
        Fields.require(
                bytes.length <= MAX_SIZE && bytes.length % Hash.SIZE == 0,
                "a list of a root has 32 bytes for each statement, 1 MiB at most");
        List<Hash> statements = new ArrayList<>(bytes.length / Hash.SIZE);
        for (int at = 0; at < bytes.length; at += Hash.SIZE) {
            Hash next = Hash.of(Arrays.copyOfRange(bytes, at, at + Hash.SIZE));
            Fields.require(
                    statements.isEmpty() || statements.getLast().compareTo(next) < 0,
                    "a list of a root is sorted and names each statement once");
            statements.add(next);
        }
        return new RootList(statements);
    }

    public byte[] toBytes() {
        var out = new ByteArrayOutputStream(statements.size() * Hash.SIZE);
        statements.forEach(hash -> out.writeBytes(hash.bytes()));
        return out.toByteArray();
    }

    public Hash root() {
        return Hash.sha256(toBytes());
    }
}
