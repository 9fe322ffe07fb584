package network.mycelium.shell.provider.health;

import java.util.List;
import java.util.function.Supplier;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.node.health.HealthCheck;

/// Whether the components that are loaded run.
public final class ComponentsCheck implements HealthCheck {
    private final Supplier<ComponentManager> manager;

    /// @param manager gives null while there is none
    public ComponentsCheck(Supplier<ComponentManager> manager) {
        this.manager = manager;
    }

    @Override
    public String name() {
        return "components";
    }

    @Override
    public Finding look() {
        ComponentManager there = manager.get();
        if (there == null) {
            return new Finding(
                    "",
                    List.of(new Problem(
                            "the component manager does not run",
                            "see `node log --level ERROR`, then `node restart`")));
        }
        List<ComponentStatus> components = there.components();
        return new Finding(
                components.size() + " loaded",
                components.stream()
                        .filter(c -> c.state() != ComponentStatus.State.ACTIVE)
                        .map(c -> new Problem(
                                "%s %s is %s: %s".formatted(c.name(), c.version(), c.state(), c.problem()),
                                "`component why %1$s` tells what needs it; load another version, or `component unload %1$s`"
                                        .formatted(c.name())))
                        .toList());
    }
}
