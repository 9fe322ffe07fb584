/// Peers, connections, streams, protocols and topics of libp2p, as services.
///
/// [Host][network.mycelium.libp2p.Host] and [PubSub][network.mycelium.libp2p.PubSub] are found in the service registry;
/// a [ProtocolHandler][network.mycelium.libp2p.ProtocolHandler] or a
/// [ConnectionGate][network.mycelium.libp2p.ConnectionGate] is registered there, and works from that moment on.
@Export
@Version("1.0.0")
package network.mycelium.libp2p;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
