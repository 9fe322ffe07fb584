package network.mycelium.identity.provider;

import java.nio.ByteBuffer;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.NodeEnvelopes;

/// Keys that are the same in each run.
final class Keys {
    private Keys() {}

    static NodeKey key(int number) {
        return new NodeKey(ByteBuffer.allocate(NodeKey.SEED_SIZE).putInt(number).array());
    }

    static Envelopes envelopes(int number) {
        return new NodeEnvelopes(key(number));
    }
}
