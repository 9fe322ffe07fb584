package network.mycelium.libp2p;

import java.io.IOException;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/// Says which connections may be used, after an exchange with the peer over the connection itself. Register it as a
/// service: from then on every connection, those that are open included, is admitted before anything else happens on
/// it: no other protocol opens, nobody is told of the connection, and the peer learns nothing by identify.
@ConsumerType
public interface Admission {
    /// The protocols that a peer may open before it is admitted.
    Set<String> protocols();

    /// Finds out whether the peer belongs here. Called once for each connection on both sides, on a virtual thread,
    /// with
    /// the time of a handshake; whichever side it concerns may open a stream of [#protocols()].
    ///
    /// @throws Libp2pException REFUSED with the reason; the connection is then closed
    void admit(Connection connection) throws IOException;
}
