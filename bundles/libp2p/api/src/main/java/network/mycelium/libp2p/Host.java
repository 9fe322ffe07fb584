package network.mycelium.libp2p;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/// This node on the network. A service; safe from any thread.
@ProviderType
public interface Host {
    PeerId id();

    /// Where this node listens, with real ports and without the peer id.
    List<Multiaddr> addresses();

    /// Connects, or returns the connection that there is. Addresses are tried best first, a few at once.
    ///
    /// @param addresses where to look in addition to what is known
    /// @throws Libp2pException UNREACHABLE with what happened at each address, REFUSED, INVALID or LIMIT
    Connection connect(PeerId peer, List<Multiaddr> addresses) throws IOException;

    /// Connects to an address that ends in `/p2p/ID`.
    default Connection connect(Multiaddr address) throws IOException {
        PeerId peer = address.peer()
                .orElseThrow(
                        () -> new IllegalArgumentException(address + " does not end in /p2p/ID, so it names no peer"));
        return connect(peer, List.of(address.withoutPeer()));
    }

    /// Connects if need be and opens a stream, see [Connection#open].
    default Stream open(PeerId peer, String... protocols) throws IOException {
        return connect(peer, List.of()).open(protocols);
    }

    /// Closes all connections to a peer.
    ///
    /// @return whether there was one
    boolean disconnect(PeerId peer);

    List<Connection> connections();

    /// The connection that would be used for a peer.
    Optional<Connection> connection(PeerId peer);

    /// The time of one round trip by the ping protocol.
    Duration ping(PeerId peer, Duration limit) throws IOException;

    /// The protocols that this node offers.
    Set<String> protocols();

    /// What is known of a peer, connected or not.
    Optional<PeerInfo> peer(PeerId peer);

    /// All peers that something is known of.
    List<PeerInfo> peers();

    /// Keeps connections to a peer when others are trimmed; a higher value is kept longer, and [Integer#MAX_VALUE]
    /// is never trimmed. Zero removes the tag.
    void tag(PeerId peer, String tag, int value);

    /// How much of each limit is in use: scope, then resource, such as `system` and `streams`.
    Map<String, Map<String, Usage>> limits();

    /// One resource of one scope.
    record Usage(long used, long limit, long refused) {}

    /// Offers a protocol, for code outside the service registry; see [ProtocolHandler].
    ///
    /// @return closing it takes the protocol back
    AutoCloseable handle(String protocol, ProtocolHandler handler);

    /// Listens, for code outside the service registry.
    ///
    /// @return closing it ends that
    AutoCloseable listen(ConnectionListener listener);
}
