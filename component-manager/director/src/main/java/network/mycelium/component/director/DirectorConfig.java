package network.mycelium.component.director;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// Settings of the director: `config/network.mycelium.component.director.conf` in the node home.
@ObjectClassDefinition(name = "Director")
@interface DirectorConfig {
    String PID = "network.mycelium.component.director";

    int MAX_PATIENCE = 3600;
    int MAX_ALONE = 24 * 3600;

    @AttributeDefinition(
            description = "Seconds of silence after which what a member ran is loaded elsewhere, and for which one that"
                    + " comes back must be there before it takes its place again; 0 to 3600",
            min = "0",
            max = "3600")
    int patience_seconds() default 10;

    @AttributeDefinition(
            description = "Seconds for which a node that boots and hears nobody begins nothing, before it takes itself"
                    + " for alone; 0 to 86400",
            min = "0",
            max = "86400")
    int alone_seconds() default 30;
}
