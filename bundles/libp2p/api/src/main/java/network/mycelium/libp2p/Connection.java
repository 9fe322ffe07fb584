package network.mycelium.libp2p;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// An encrypted, multiplexed connection to a peer whose identity is proved. Safe from any thread.
@ProviderType
public interface Connection extends AutoCloseable {
    PeerId peer();

    Multiaddr local();

    Multiaddr remote();

    /// Whether this side dialled.
    boolean outbound();

    /// Such as `/noise` or `/tls/1.0.0`.
    String security();

    /// Such as `/yamux/1.0.0`.
    String muxer();

    /// What both ends of this very connection share and no other connection has, such as the hash of its handshake:
    /// who signs it proves to be at the other end of it. 32 bytes.
    byte[] binding();

    Instant opened();

    /// Payload bytes of all streams, in.
    long bytesIn();

    /// Payload bytes of all streams, out.
    long bytesOut();

    /// The streams that are open now.
    List<Stream> streams();

    /// Opens a stream and agrees on the first of these protocols that the peer offers.
    ///
    /// With a single protocol that the peer is known to offer, the call does not wait for the peer's answer; should
    /// the peer refuse after all, the first read fails.
    ///
    /// @throws Libp2pException UNSUPPORTED, LIMIT, CLOSED or RESET
    Stream open(String... protocols) throws IOException;

    boolean isOpen();

    /// Tells the peer, and closes every stream.
    @Override
    void close();
}
