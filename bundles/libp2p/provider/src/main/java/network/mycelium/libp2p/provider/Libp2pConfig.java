package network.mycelium.libp2p.provider;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The settings of `network.mycelium.libp2p`. Listening addresses change at run time, and connections stay; the
/// others hold from the node's next start on.
@ObjectClassDefinition(name = "libp2p")
@interface Libp2pConfig {
    @AttributeDefinition(description = "Addresses to listen on; port 0 takes any free one")
    String[] listen() default {"/ip4/0.0.0.0/tcp/0"};

    @AttributeDefinition(description = "Peers to connect to after start, addresses that end in /p2p/ID")
    String[] connect() default {};

    @AttributeDefinition(description = "Connections from which on the least valued are closed")
    int high_water() default 192;

    @AttributeDefinition(description = "Connections that are left then")
    int low_water() default 96;

    @AttributeDefinition(description = "Most connections of this node")
    int max_connections() default 256;

    @AttributeDefinition(
            description = "Most connections that peers dialled; the rest is left for this node's own dials")
    int max_inbound_connections() default 224;

    @AttributeDefinition(
            description =
                    "Most sockets that one address opened to this node, with or without a handshake; of IPv6, one network of 56 bits")
    int max_address_connections() default 32;

    @AttributeDefinition(description = "The same for an address of this machine")
    int max_loopback_connections() default Integer.MAX_VALUE;

    @AttributeDefinition(description = "Most connections with one peer")
    int max_peer_connections() default 8;

    @AttributeDefinition(description = "Most open streams of this node")
    int max_streams() default 8192;

    @AttributeDefinition(description = "Most open streams with one peer")
    int max_peer_streams() default 1024;

    @AttributeDefinition(description = "Most MiB of received bytes that wait to be read")
    int max_memory() default 32;

    @AttributeDefinition(description = "Most MiB of those from one peer")
    int max_peer_memory() default 16;

    @AttributeDefinition(description = "Seconds between signs of life on a connection")
    int heartbeat_seconds() default 15;

    @AttributeDefinition(description = "Seconds that open streams have when their protocol is withdrawn")
    int drain_seconds() default 5;

    @AttributeDefinition(description = "Whether peers may measure throughput with this node, by /perf/1.0.0")
    boolean perf() default false;
}
