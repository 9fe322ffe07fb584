package network.mycelium.identity.core.document;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A charter, a statement or a rotation on the wire, with signatures that nobody has verified yet. Without any it may
/// still be one that a root supports.
///
/// @param document the exact bytes, not copied
public record Signed(byte[] document, List<Signature> signatures) {
    /// All keyholders of a charter, and all validators.
    public static final int MAX_SIGNATURES = Charter.MAX_KEYHOLDERS * 2 + Charter.MAX_VALIDATORS;

    public static final int MAX_SIZE = Statement.MAX_SIZE + MAX_SIGNATURES * 128;

    public Signed {
        signatures = List.copyOf(signatures);
    }

    /// @throws MalformedDocument if it is none
    public static Signed parse(byte[] bytes) {
        return Fields.canonical("signed document", bytes, MAX_SIZE, Signed::read, Signed::write);
    }

    /// @param signatures put into the order of their keys
    public static Signed of(byte[] document, Collection<Signature> signatures) {
        return new Signed(
                document,
                signatures.stream()
                        .sorted(java.util.Comparator.comparing(Signature::key))
                        .toList());
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    private static Signed read(ProtoReader in) {
        byte[] document = {};
        List<Signature> signatures = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> document = in.bytes();
                case 2 -> {
                    Fields.require(signatures.size() < MAX_SIGNATURES, "a document has too many signatures");
                    signatures.add(Signature.read(in.message()));
                }
                default -> throw new MalformedDocument("a signed document has an unknown field");
            }
        }
        Fields.require(document.length > 0, "a signed document has no document");
        return new Signed(document, signatures);
    }

    private ProtoWriter write() {
        var out = new ProtoWriter().bytes(1, document);
        signatures.forEach(signature -> out.message(2, signature.write()));
        return out;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signed that
                && java.util.Arrays.equals(document, that.document)
                && signatures.equals(that.signatures);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(document);
    }
}
