package network.mycelium.libp2p.mdns;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The settings of `network.mycelium.libp2p.mdns`; they hold at once.
@ObjectClassDefinition(name = "mDNS")
@interface MdnsConfig {
    @AttributeDefinition(description = "Network interfaces by name; none means all that can multicast")
    String[] interfaces() default {};

    @AttributeDefinition(description = "Seconds between questions")
    int interval_seconds() default 10;

    @AttributeDefinition(description = "The UDP port; others than 5353 are for networks apart")
    int port() default 5353;
}
