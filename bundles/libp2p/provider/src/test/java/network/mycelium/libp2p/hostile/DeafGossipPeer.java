package network.mycelium.libp2p.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import network.mycelium.libp2p.core.gossip.Rpc;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.channel.NoiseWire;

/// A gossip peer that joins a node's mesh, gives it more credit than it will ever need, and reads its socket only while
/// it is told to: what the node writes to it then fills the sockets' buffers and stays there.
public final class DeafGossipPeer implements AutoCloseable {
    private static final String IDENTIFY = "/ipfs/id/1.0.0";
    private static final String GOSSIP = "/meshsub/1.2.0";
    private static final int OWN_STREAM = 1;
    private static final int CREDIT = 1 << 30;

    private final NodeKey key = HostilePeer.key();
    private final HostilePeer peer;
    /// The node's stream of gossip; 0 until there is one.
    private int gossip;

    /// @param topic that the node follows
    public DeafGossipPeer(InetSocketAddress node, String topic) throws IOException {
        peer = HostilePeer.dial(node, InetAddress.getLoopbackAddress(), key, NoiseWire.PROTOCOL);
        while (gossip == 0) {
            next();
        }
        Rpc rpc = Rpc.parse(new byte[0]);
        rpc.subscriptions().add(new Subscription(true, topic));
        rpc.graft().add(topic);
        peer.send(HostilePeer.open(OWN_STREAM, GOSSIP, Delimited.frame(rpc.bytes())));
    }

    /// Reads until that text came by gossip.
    public void hear(String text) throws IOException {
        for (String got = ""; !got.contains(text); ) {
            HostilePeer.Frame frame = next();
            if (frame.stream() == gossip) {
                got += text(frame);
                got = got.substring(Math.max(0, got.length() - 2 * text.length() - frame.data().length));
            }
        }
    }

    private static String text(HostilePeer.Frame frame) {
        return new String(frame.data(), StandardCharsets.ISO_8859_1);
    }

    /// Takes a frame, and does what the node expects of a peer before it gossips with it.
    private HostilePeer.Frame next() throws IOException {
        HostilePeer.Frame frame = peer.receive();
        int stream = frame.stream();
        if (frame.type() == HostilePeer.PING && frame.has(HostilePeer.SYN)) {
            peer.send(HostilePeer.frame(HostilePeer.PING, HostilePeer.ACK, 0, frame.value()));
        } else if (text(frame).contains(IDENTIFY)) {
            var about = new ProtoWriter().bytes(1, key.publicKey().message());
            List.of(IDENTIFY, GOSSIP).forEach(protocol -> about.text(3, protocol));
            peer.send(HostilePeer.data(
                    HostilePeer.ACK | HostilePeer.FIN,
                    stream,
                    HostilePeer.join(Multistream.proposal(IDENTIFY), Delimited.frame(about.toBytes()))));
        } else if (gossip == 0 && text(frame).contains(GOSSIP)) {
            gossip = stream;
            peer.send(
                    HostilePeer.data(HostilePeer.ACK, stream, Multistream.proposal(GOSSIP)),
                    HostilePeer.frame(HostilePeer.WINDOW_UPDATE, 0, stream, CREDIT));
        }
        return frame;
    }

    @Override
    public void close() throws IOException {
        peer.close();
    }
}
