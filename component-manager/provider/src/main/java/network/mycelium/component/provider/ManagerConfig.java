package network.mycelium.component.provider;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// Settings of the component manager: `config/network.mycelium.component.conf` in the node home.
@ObjectClassDefinition(name = "Component manager")
@interface ManagerConfig {
    String PID = "network.mycelium.component";

    @AttributeDefinition(description = "Milliseconds that a bundle may take to start")
    long start_timeout_millis() default 10_000;

    @AttributeDefinition(description = "Milliseconds that a bundle may take to stop")
    long stop_timeout_millis() default 5_000;

    @AttributeDefinition(description = "Milliseconds that fetching one bundle may take")
    long fetch_timeout_millis() default 600_000;

    @AttributeDefinition(description = "Milliseconds until a component's services and health checks must be up")
    long ready_timeout_millis() default 10_000;

    @AttributeDefinition(description = "Milliseconds that a component stays loaded after its last lease")
    long linger_millis() default 60_000;

    @AttributeDefinition(description = "Milliseconds between two looks at the health of the components")
    long health_interval_millis() default 5_000;

    @AttributeDefinition(description = "Milliseconds before the first restart of a failed component; doubled each time")
    long restart_delay_millis() default 200;

    @AttributeDefinition(description = "Restarts before it falls back to its previous version, or is quarantined")
    int max_restarts() default 3;

    @AttributeDefinition(description = "Milliseconds of health after which earlier restarts are forgotten")
    long stable_millis() default 60_000;

    @AttributeDefinition(description = "Percent of the heap in use above which idle components are unloaded")
    int heap_soft_limit_percent() default 80;
}
