package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.noise.NoiseException;
import network.mycelium.libp2p.core.noise.NoiseIdentity;
import network.mycelium.libp2p.core.tls.TlsIdentity;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.channel.NoiseWire;
import network.mycelium.libp2p.provider.channel.SecureWire;
import network.mycelium.libp2p.provider.channel.SocketWire;
import network.mycelium.libp2p.provider.channel.TlsWire;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.yamux.YamuxSession;

/// Makes a connection of a socket: security, then muxer, within the time for a handshake.
final class Upgrader implements AutoCloseable {
    private static final List<String> MUXERS = List.of(YamuxSession.PROTOCOL);

    private final Swarm swarm;
    private final SecureRandom random = new SecureRandom();
    private final NodeKey key;
    private final HandshakeDeadline deadline;
    private NoiseIdentity noise;
    private SSLContext tls;

    Upgrader(Swarm swarm, NodeKey key) {
        this.swarm = swarm;
        this.deadline = new HandshakeDeadline(swarm.settings().handshake());
        this.key = key;
    }

    /// @param expected who the other side must be; empty to take anybody
    /// @throws Libp2pException INVALID if the other side is another, or does not keep to the protocols
    SwarmConnection upgrade(Socket socket, boolean outbound, Optional<PeerId> expected) throws IOException {
        deadline.begin(socket);
        SecureWire secure;
        try {
            secure = secureAndMuxed(new SocketWire(socket), outbound, expected);
        } catch (IOException e) {
            throw deadline.end(socket) ? e : tooLate(e);
        }
        if (!deadline.end(socket)) {
            throw tooLate(null);
        }
        PeerId peer = secure.remote().peerId();
        Multiaddr local = Multiaddr.tcp((InetSocketAddress) socket.getLocalSocketAddress());
        Multiaddr remote = Multiaddr.tcp((InetSocketAddress) socket.getRemoteSocketAddress());
        Optional<String> refusal = swarm.gates().refusePeer(peer, remote, outbound);
        if (refusal.isPresent()) {
            throw new Libp2pException(
                    Kind.REFUSED, "A gate of this node refuses %s: %s".formatted(peer, refusal.get()));
        }
        Scope scope = swarm.scopes().connection(peer, outbound);
        Origin origin = Origin.of(socket.getInetAddress());
        return new SwarmConnection(swarm, secure, peer, local, remote, outbound, origin, scope, () -> {
            swarm.scopes().released(peer, outbound);
            swarm.inbound().end(socket);
        });
    }

    private Libp2pException tooLate(IOException cause) {
        return new Libp2pException(
                Kind.UNREACHABLE,
                "The handshake was not done within %d s"
                        .formatted(swarm.settings().handshake().toSeconds()),
                cause);
    }

    private SecureWire secureAndMuxed(SocketWire wire, boolean outbound, Optional<PeerId> expected) throws IOException {
        try {
            SecureWire secure = secure(wire, outbound, expected);
            if (secure.muxer().isEmpty()) {
                if (outbound) {
                    Multistream.select(secure, MUXERS);
                } else if (Multistream.answer(secure, MUXERS::contains).isEmpty()) {
                    throw new Libp2pException(Kind.INVALID, "The peer left without a muxer");
                }
            }
            return secure;
        } catch (NoiseException e) {
            throw new Libp2pException(Kind.INVALID, e.getMessage(), e);
        }
    }

    private SecureWire secure(SocketWire wire, boolean outbound, Optional<PeerId> expected) throws IOException {
        List<String> securities = swarm.settings().securities();
        String agreed;
        if (!outbound) {
            agreed = Multistream.answer(wire, securities::contains)
                    .orElseThrow(() -> new Libp2pException(Kind.INVALID, "The peer left without a security protocol"));
        } else if (speaksNoise(expected)) {
            return again(wire, expected);
        } else {
            agreed = Multistream.select(wire, securities);
        }
        SecureWire secure = secure(agreed, wire, outbound, expected);
        if (outbound) {
            swarm.book().security(secure.remote().peerId(), agreed);
        }
        return secure;
    }

    private boolean speaksNoise(Optional<PeerId> peer) {
        return swarm.settings().securities().contains(NoiseWire.PROTOCOL)
                && peer.filter(p -> swarm.book().security(p).equals(NoiseWire.PROTOCOL))
                        .isPresent();
    }

    /// To a peer that took Noise before. If it fails, whatever the reason, it is asked anew the next time.
    private SecureWire again(SocketWire wire, Optional<PeerId> expected) throws IOException {
        boolean done = false;
        try {
            SecureWire secure = NoiseWire.handshakeAtOnce(wire, noise(), random, expected, MUXERS);
            done = true;
            return secure;
        } finally {
            if (!done) {
                swarm.book().security(expected.orElseThrow(), "");
            }
        }
    }

    private SecureWire secure(String agreed, SocketWire wire, boolean outbound, Optional<PeerId> expected)
            throws IOException {
        return switch (agreed) {
            case NoiseWire.PROTOCOL -> NoiseWire.handshake(wire, outbound, noise(), random, expected, MUXERS);
            case TlsWire.PROTOCOL -> TlsWire.handshake(wire, outbound, tls(), expected, MUXERS);
            default -> throw new IllegalStateException("The settings name the unknown security " + agreed);
        };
    }

    /// Handshakes that are under way are given up.
    @Override
    public void close() {
        deadline.close();
    }

    /// Made when first needed, not while the node boots: making keys and signing them takes long on a cold JVM.
    private synchronized NoiseIdentity noise() throws IOException {
        if (noise == null) {
            proveKey();
            noise = NoiseIdentity.of(key, random);
        }
        return noise;
    }

    /// Made when first needed: most peers choose Noise.
    private synchronized SSLContext tls() throws IOException {
        if (tls == null) {
            proveKey();
            tls = TlsWire.context(TlsIdentity.of(key, random, Instant.now()));
        }
        return tls;
    }

    private void proveKey() throws IOException {
        try {
            key.prove();
        } catch (IllegalStateException e) {
            throw new IOException("This node cannot say who it is: " + e.getMessage(), e);
        }
    }
}
