package network.mycelium.libp2p;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/// Speaks a protocol with whoever opens a stream of it. Register it as a service with the property [#PROTOCOL]: the
/// protocol is offered from that moment on, and connected peers are told. When the service goes, new streams are
/// refused, and those that are open have a while to end (the host's `drain_seconds`); no connection is lost.
@ConsumerType
@FunctionalInterface
public interface ProtocolHandler {
    /// The service property that names the protocols, a `String` or `String[]`, such as `/chat/1.0.0`.
    String PROTOCOL = "libp2p.protocol";

    /// Called on a virtual thread for each stream; the stream is closed when this returns and reset when it throws.
    void handle(Stream stream) throws IOException;
}
