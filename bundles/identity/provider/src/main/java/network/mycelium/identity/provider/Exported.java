package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// A charter in a file, on its way to somebody who signs it away from the network.
final class Exported {
    private static final int MAX_ITEMS = 32;

    private Exported() {}

    /// @throws IllegalArgumentException if it is none
    static List<byte[]> items(byte[] file) {
        var in = new ProtoReader(file);
        List<byte[]> items = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1 && items.size() < MAX_ITEMS) {
                items.add(in.bytes());
            }
        }
        return items;
    }

    /// The same with the signatures of recovery codes.
    ///
    /// @throws IdentityException INVALID if there is no charter in it, or a code is none
    static byte[] signed(byte[] file, List<String> codes) throws IdentityException {
        var out = new ProtoWriter();
        boolean found = false;
        try {
            for (byte[] item : items(file)) {
                if (Item.parse(item) instanceof Item.OfCharter(Signed charter)) {
                    found = true;
                    out.bytes(1, new Item.OfCharter(with(charter, codes)).toBytes());
                } else {
                    out.bytes(1, item);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IdentityException(Kind.INVALID, "That is no exported charter: %s.".formatted(e.getMessage()), e);
        }
        if (!found) {
            throw new IdentityException(Kind.INVALID, "There is no charter in it.");
        }
        return out.toBytes();
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
