package network.mycelium.repository.peers;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// Settings of the network's repository: `config/network.mycelium.repository.peers.conf` in the node home.
@ObjectClassDefinition(name = "Repository of the network")
@interface PeersConfig {
    String PID = "network.mycelium.repository.peers";

    @AttributeDefinition(description = "Whether this node keeps its share of the network's bundles")
    boolean copies() default true;

    @AttributeDefinition(description = "Bytes of the network's bundles that this node keeps for it at most")
    long quota_bytes() default 1L << 30;

    @AttributeDefinition(description = "Seconds for which the living members must be the same before copies move")
    int settle_seconds() default 10;
}
