package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Director.RefusedException;
import network.mycelium.component.Lease;
import network.mycelium.component.Tasks;
import network.mycelium.identity.Statements;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// Tasks by statements of the network: a lease on each component that a task takes.
@Component
public final class NetworkTasks implements Tasks {
    private final Statements statements;
    private final ComponentManager manager;

    @Activate
    public NetworkTasks(@Reference Statements statements, @Reference ComponentManager manager) {
        this.statements = statements;
        this.manager = manager;
    }

    @Override
    public void define(String task, List<String> components) throws RefusedException {
        Signing.publish(statements, RoleCodec.TASK, task, () -> RoleCodec.body(task, components), Signing.FOREVER);
    }

    @Override
    public Map<String, List<String>> rules() {
        return new Said(statements).tasks();
    }

    @Override
    public Lease begin(String task, String holder) throws ComponentException {
        List<String> components = rules().get(task);
        if (components == null) {
            throw new ComponentException(
                    ComponentException.Kind.NOT_FOUND,
                    "The network knows no task %s; `network tasks` shows those it knows.".formatted(task));
        }
        List<Lease> held = new ArrayList<>();
        try {
            for (String spec : components) {
                held.add(manager.acquire(spec, "task %s of %s".formatted(task, holder)));
            }
        } catch (ComponentException e) {
            held.forEach(Lease::close);
            throw e;
        }
        return new TaskLease(task, holder, held);
    }

    private record TaskLease(String component, String holder, List<Lease> held) implements Lease {
        @Override
        public String version() {
            return "";
        }

        @Override
        public void close() {
            held.forEach(Lease::close);
        }
    }
}
