package network.mycelium.libp2p.provider;

import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.record.Envelope;

/// Envelopes with the node's own key.
public final class NodeEnvelopes implements Envelopes {
    private final NodeKey key;

    public NodeEnvelopes(NodeKey key) {
        this.key = key;
    }

    @Override
    public PeerId self() {
        return key.peerId();
    }

    @Override
    public byte[] seal(String domain, byte[] type, byte[] payload) {
        return Envelope.seal(key, domain, type, payload);
    }

    @Override
    public Opened open(String domain, byte[] envelope) {
        Envelope opened = Envelope.open(domain, envelope);
        return new Opened(opened.signer().peerId(), opened.payloadType(), opened.payload());
    }
}
