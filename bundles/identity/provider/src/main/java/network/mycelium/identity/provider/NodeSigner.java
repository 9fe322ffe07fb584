package network.mycelium.identity.provider;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SignatureCheck;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Signs documents with a node's key and checks the signatures of others, by the envelopes of libp2p: a signature
/// of a document is that of an envelope whose payload is the document's hash. Safe from any thread.
final class NodeSigner {
    private static final byte[] NO_TYPE = {};

    private final Envelopes envelopes;
    private final Key key;

    NodeSigner(Envelopes envelopes) {
        this.envelopes = envelopes;
        this.key = key(envelopes.self());
    }

    Key key() {
        return key;
    }

    Signature sign(SigningInput form, Hash document) {
        var in = new ProtoReader(envelopes.seal(form.domain(), NO_TYPE, document.bytes()));
        byte[] signature = {};
        for (int field; (field = in.next()) != 0; ) {
            if (field == 5) {
                signature = in.bytes();
            }
        }
        return new Signature(key, signature);
    }

    SignatureCheck check() {
        return (signer, input, signature) -> {
            // The length of the domain, the domain, no type, the length of the payload, the payload.
            int domain = input[0];
            byte[] envelope = new ProtoWriter()
                    .bytes(1, signer.message())
                    .bytes(2, NO_TYPE)
                    .bytes(3, Arrays.copyOfRange(input, domain + 3, input.length))
                    .bytes(5, signature)
                    .toBytes();
            try {
                envelopes.open(new String(input, 1, domain, StandardCharsets.UTF_8), envelope);
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        };
    }

    /// The key that a peer id is made of.
    ///
    /// @throws IllegalArgumentException if it is not of an Ed25519 key
    static Key key(PeerId peer) {
        return Key.of(peer.hash().digest());
    }

    static PeerId peer(Key key) {
        return PeerId.ofPublicKey(key.message());
    }
}
