package network.mycelium.libp2p.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.noise.NoiseIdentity;
import network.mycelium.libp2p.core.tls.TlsIdentity;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.channel.NoiseWire;
import network.mycelium.libp2p.provider.channel.SecureWire;
import network.mycelium.libp2p.provider.channel.SocketWire;
import network.mycelium.libp2p.provider.channel.TlsWire;

/// A peer that proves who it is as every peer does, and then writes whatever yamux frames it is told to. Nothing is
/// read, answered or acknowledged unless the test does it, or calls [#behave].
///
/// ```
/// try (var peer = HostilePeer.noise(node)) {
///     peer.send(open(1, "/ipfs/ping/1.0.0"), rst(1));
/// }
/// ```
///
/// One thread sends while another receives.
public final class HostilePeer implements AutoCloseable {
    public static final int DATA = 0;
    public static final int WINDOW_UPDATE = 1;
    public static final int PING = 2;
    public static final int GO_AWAY = 3;

    public static final int SYN = 1;
    public static final int ACK = 2;
    public static final int FIN = 4;
    public static final int RST = 8;

    private static final int HEADER = 12;
    private static final String YAMUX = "/yamux/1.0.0";
    /// So small that a node which writes to this peer has to wait soon, once it stops reading.
    private static final int SMALL_BUFFER = 4096;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Socket socket;
    private final SecureWire wire;
    private final NodeKey key;

    /// A frame that came.
    ///
    /// @param value its length field: of a window update the credit, of a ping its number
    /// @param data of a data frame
    public record Frame(int type, int flags, int stream, int value, byte[] data) {
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    private HostilePeer(Socket socket, SecureWire wire, NodeKey key) {
        this.socket = socket;
        this.wire = wire;
        this.key = key;
    }

    public static NodeKey key() {
        byte[] seed = new byte[NodeKey.SEED_SIZE];
        RANDOM.nextBytes(seed);
        return new NodeKey(seed);
    }

    /// Connects from 127.0.0.1, by Noise, as somebody new.
    public static HostilePeer noise(InetSocketAddress node) throws IOException {
        return dial(node, InetAddress.getLoopbackAddress(), key(), NoiseWire.PROTOCOL);
    }

    /// Connects from 127.0.0.1, by TLS, as somebody new.
    public static HostilePeer tls(InetSocketAddress node) throws IOException {
        return dial(node, InetAddress.getLoopbackAddress(), key(), TlsWire.PROTOCOL);
    }

    /// @param from the address to connect from
    /// @param security `/noise` or `/tls/1.0.0`
    public static HostilePeer dial(InetSocketAddress node, InetAddress from, NodeKey key, String security)
            throws IOException {
        return handshake(socket(node, from), key, security);
    }

    /// Goes on with a connection on which nothing is said yet.
    ///
    /// @param security `/noise` or `/tls/1.0.0`
    public static HostilePeer handshake(Socket socket, NodeKey key, String security) throws IOException {
        try {
            var plain = new SocketWire(socket);
            Multistream.select(plain, List.of(security));
            SecureWire wire = security.equals(NoiseWire.PROTOCOL)
                    ? NoiseWire.handshake(
                            plain, true, NoiseIdentity.of(key, RANDOM), RANDOM, Optional.empty(), List.of(YAMUX))
                    : TlsWire.handshake(
                            plain,
                            true,
                            TlsWire.context(TlsIdentity.of(key, RANDOM, Instant.now())),
                            Optional.empty(),
                            List.of(YAMUX));
            if (wire.muxer().isEmpty()) {
                Multistream.select(wire, List.of(YAMUX));
            }
            return new HostilePeer(socket, wire, key);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// A connection on which nothing is said yet.
    public static Socket socket(InetSocketAddress node, InetAddress from) throws IOException {
        var socket = new Socket();
        try {
            socket.setReceiveBufferSize(SMALL_BUFFER);
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(node, 10_000);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    public PeerId id() {
        return key.peerId();
    }

    /// The node at the other end.
    public PeerId node() {
        return wire.remote().peerId();
    }

    /// A frame with no data after it, whatever its length field says.
    public static byte[] frame(int type, int flags, int stream, int value) {
        return ByteBuffer.allocate(HEADER)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt(value)
                .array();
    }

    public static byte[] data(int flags, int stream, byte[] bytes) {
        return join(frame(DATA, flags, stream, bytes.length), bytes);
    }

    public static byte[] syn(int stream) {
        return frame(WINDOW_UPDATE, SYN, stream, 0);
    }

    public static byte[] fin(int stream) {
        return frame(WINDOW_UPDATE, FIN, stream, 0);
    }

    public static byte[] rst(int stream) {
        return frame(WINDOW_UPDATE, RST, stream, 0);
    }

    /// Opens a stream and proposes a protocol, without waiting for an answer.
    ///
    /// @param stream an odd number, as of one who dialled
    /// @param more what is sent on the stream after that
    public static byte[] open(int stream, String protocol, byte[]... more) {
        return data(SYN, stream, join(Multistream.proposal(protocol), join(more)));
    }

    public static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /// Writes them together; waits for the node to read if its buffers are full.
    public void send(byte[]... frames) throws IOException {
        byte[] bytes = join(frames);
        wire.write(bytes, 0, bytes.length);
    }

    /// Waits for the next frame.
    ///
    /// @throws IOException also when the node has closed
    public Frame receive() throws IOException {
        byte[] header = new byte[HEADER];
        wire.readFully(header, 0, HEADER);
        var in = ByteBuffer.wrap(header);
        in.get();
        int type = in.get();
        int flags = in.getShort();
        int stream = in.getInt();
        int value = in.getInt();
        byte[] bytes = new byte[type == DATA ? value : 0];
        wire.readFully(bytes, 0, bytes.length);
        return new Frame(type, flags, stream, value, bytes);
    }

    /// What came on a stream after the answer to its proposal, until so many bytes are there. Frames of others are
    /// dropped.
    ///
    /// @throws IOException also when the node resets the stream, or ends it before
    public byte[] read(int stream, String protocol, int size) throws IOException {
        int skip = Multistream.proposal(protocol).length;
        var out = new ByteArrayOutputStream();
        while (out.size() < skip + size) {
            Frame frame = receive();
            if (frame.stream() == stream) {
                out.writeBytes(frame.data());
                if (frame.has(RST) || frame.has(FIN) && out.size() < skip + size) {
                    throw new IOException("The node ended the stream " + stream);
                }
            }
        }
        byte[] all = out.toByteArray();
        return java.util.Arrays.copyOfRange(all, skip, skip + size);
    }

    /// From now on reads all that comes, on a thread of its own, answers pings and acknowledges streams of the node.
    /// That thread ends with the connection.
    ///
    /// @return done when the connection has ended
    public Thread behave() {
        return Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    Frame frame = receive();
                    if (frame.type() == PING && frame.has(SYN)) {
                        send(frame(PING, ACK, 0, frame.value()));
                    } else if (frame.has(SYN)) {
                        send(frame(WINDOW_UPDATE, ACK, frame.stream(), 0));
                    } else if (frame.data().length > 0) {
                        send(frame(WINDOW_UPDATE, 0, frame.stream(), frame.data().length));
                    }
                }
            } catch (IOException e) {
                System.getLogger(HostilePeer.class.getName())
                        .log(System.Logger.Level.DEBUG, "a hostile peer is cut off", e);
            }
        });
    }

    /// Waits until the node ends the connection, reading what still comes.
    public void awaitEnd() {
        try {
            while (true) {
                receive();
            }
        } catch (IOException e) {
            System.getLogger(HostilePeer.class.getName()).log(System.Logger.Level.DEBUG, "cut off", e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
