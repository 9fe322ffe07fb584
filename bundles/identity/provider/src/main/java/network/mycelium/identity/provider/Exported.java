package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.NetworkIdentity.ExportedCharter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Documents in a file, on their way to somebody who signs them away from the network.
final class Exported {
    static final int MAX_ITEMS = 32;
    private static final int MAX_SIZE = 4 << 20;

    private Exported() {}

    /// @throws IdentityException INVALID if it is none
    static List<Item> items(byte[] file) throws IdentityException {
        if (file.length > MAX_SIZE) {
            throw new IdentityException(
                    Kind.INVALID,
                    "That was not exported: it has %d bytes, more than %d.".formatted(file.length, MAX_SIZE));
        }
        List<Item> items = new ArrayList<>();
        try {
            var in = new ProtoReader(file);
            for (int field; (field = in.next()) != 0; ) {
                if (field != 1 || items.size() == MAX_ITEMS) {
                    throw new IllegalArgumentException("there is something unknown in it, or too much");
                }
                items.add(Item.parse(in.bytes()));
            }
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "That was not exported: %s.".formatted(e.getMessage()), e);
        }
        if (items.isEmpty()) {
            throw new IdentityException(Kind.INVALID, "That was not exported: it is empty.");
        }
        return items;
    }

    static byte[] file(List<byte[]> items) {
        var out = new ProtoWriter();
        items.forEach(item -> out.bytes(1, item));
        return out.toBytes();
    }

    /// The same with the signatures of recovery codes.
    ///
    /// @throws IdentityException INVALID if there is no charter in it, or a code is none
    static ExportedCharter signed(byte[] file, List<String> codes) throws IdentityException {
        List<byte[]> items = new ArrayList<>();
        Signed signed = null;
        for (Item item : items(file)) {
            if (item instanceof Item.OfCharter(Signed charter)) {
                signed = with(charter, codes);
                items.add(new Item.OfCharter(signed).toBytes());
            } else {
                items.add(item.toBytes());
            }
        }
        if (signed == null) {
            throw new IdentityException(Kind.INVALID, "There is no charter in it.");
        }
        return new ExportedCharter(
                file(items),
                CharterOffice.shown(Document.charter(signed.document())),
                signed.signatures().stream()
                        .map(Signature::key)
                        .sorted()
                        .map(NodeSigner::peer)
                        .toList());
    }

    private static Signed with(Signed charter, List<String> codes) throws IdentityException {
        Map<Key, Signature> all = new HashMap<>();
        charter.signatures().forEach(signature -> all.put(signature.key(), signature));
        for (String code : codes) {
            RecoveryKey key = RecoveryKey.of(code);
            all.put(key.key(), key.sign(SigningInput.CHARTER, Hash.sha256(charter.document())));
        }
        return Signed.of(charter.document(), all.values());
    }
}
