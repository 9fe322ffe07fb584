package network.mycelium.identity.core.document;

import java.nio.charset.StandardCharsets;
import network.mycelium.identity.core.wire.Hash;

/// What a statement is about. Of each register one statement holds.
public record Register(String kind, String key) implements Comparable<Register> {
    public static Register member(String id) {
        return new Register("member", id);
    }

    public static Register renewal(String id) {
        return new Register("renewal", id);
    }

    /// SHA-256 of kind, 0, key: where there are too many registers those with the lowest hashes count.
    public Hash hash() {
        return Hash.sha256(kind.getBytes(StandardCharsets.UTF_8), new byte[] {0}, key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int compareTo(Register that) {
        int order = kind.compareTo(that.kind);
        return order != 0 ? order : key.compareTo(that.key);
    }

    @Override
    public String toString() {
        return kind + " " + key;
    }
}
