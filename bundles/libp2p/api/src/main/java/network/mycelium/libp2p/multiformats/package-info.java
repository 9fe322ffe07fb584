/// Self-describing values: varint, multibase, multihash, multicodec and CID, after the specifications of
/// multiformats.io.
@Export
@Version("1.0.0")
package network.mycelium.libp2p.multiformats;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
