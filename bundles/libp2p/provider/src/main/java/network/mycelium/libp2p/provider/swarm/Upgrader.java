package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Libp2pException.Kind;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.core.noise.NoiseException;
import network.mycelium.libp2p.core.noise.NoiseIdentity;
import network.mycelium.libp2p.provider.channel.Multistream;
import network.mycelium.libp2p.provider.channel.NoiseWire;
import network.mycelium.libp2p.provider.channel.SecureWire;
import network.mycelium.libp2p.provider.channel.SocketWire;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.yamux.YamuxSession;

/// Makes a connection of a socket: security, then muxer, within the time for a handshake.
final class Upgrader {
    private static final List<String> MUXERS = List.of(YamuxSession.PROTOCOL);

    private final Swarm swarm;
    private final NoiseIdentity noise;
    private final SecureRandom random = new SecureRandom();
    private final List<String> securities = List.of(NoiseWire.PROTOCOL);

    Upgrader(Swarm swarm, NodeKey key) {
        this.swarm = swarm;
        this.noise = NoiseIdentity.of(key, random);
    }

    /// @param expected who the other side must be; empty to take anybody
    /// @throws Libp2pException INVALID if the other side is another, or does not keep to the protocols
    SwarmConnection upgrade(Socket socket, boolean outbound, Optional<PeerId> expected) throws IOException {
        var wire = new SocketWire(socket);
        wire.timeout(swarm.settings().handshake());
        SecureWire secure;
        try {
            secure = secure(wire, outbound, expected);
            if (secure.muxer().isEmpty()) {
                if (outbound) {
                    Multistream.select(secure, MUXERS);
                } else if (Multistream.answer(secure, MUXERS::contains).isEmpty()) {
                    throw new Libp2pException(Kind.INVALID, "The peer left without a muxer");
                }
            }
        } catch (NoiseException e) {
            throw new Libp2pException(Kind.INVALID, e.getMessage(), e);
        }
        wire.timeout(java.time.Duration.ZERO);
        PeerId peer = secure.remote().peerId();
        Multiaddr local = Multiaddr.tcp((InetSocketAddress) socket.getLocalSocketAddress());
        Multiaddr remote = Multiaddr.tcp((InetSocketAddress) socket.getRemoteSocketAddress());
        Optional<String> refusal = swarm.gates().refusePeer(peer, remote, outbound);
        if (refusal.isPresent()) {
            throw new Libp2pException(
                    Kind.REFUSED, "A gate of this node refuses %s: %s".formatted(peer, refusal.get()));
        }
        Scope scope = swarm.scopes().connection(peer);
        return new SwarmConnection(swarm, secure, peer, local, remote, outbound, scope);
    }

    private SecureWire secure(SocketWire wire, boolean outbound, Optional<PeerId> expected) throws IOException {
        if (outbound) {
            Multistream.select(wire, securities);
        } else if (Multistream.answer(wire, securities::contains).isEmpty()) {
            throw new Libp2pException(Kind.INVALID, "The peer left without a security protocol");
        }
        return NoiseWire.handshake(wire, outbound, noise, random, expected, MUXERS);
    }
}
